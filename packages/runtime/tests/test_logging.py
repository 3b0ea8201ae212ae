import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import format_span_id, format_trace_id
from structlog.contextvars import bound_contextvars

from ichor_runtime.logging import configure_logging
from ichor_runtime.settings import ProcessSettings


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers, _ = handlers, root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_of_both_kinds_look_the_same(stream):
    configure_logging(ProcessSettings(), stream=stream)
    with bound_contextvars(execution_id="e-1"):
        structlog.get_logger("ours").info("started", rule="Größe 規則")
        logging.getLogger("theirs").warning("lost %s", "it", extra={"workflow": {"id": "w"}})
    ours, theirs = lines(stream)
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "message": "started",
        "rule": "Größe 規則",
        "level": "info",
        "logger": "ours",
        "execution_id": "e-1",
    }
    assert theirs.pop("timestamp").endswith("Z")
    assert theirs == {
        "message": "lost it",
        "workflow": {"id": "w"},
        "level": "warning",
        "logger": "theirs",
        "execution_id": "e-1",
    }


def test_levels_hold_for_both(stream):
    configure_logging(ProcessSettings(log_level="warning"), stream=stream)
    structlog.get_logger("ours").info("no")
    logging.getLogger("theirs").info("no")
    structlog.get_logger("ours").warning("yes")
    assert [line["message"] for line in lines(stream)] == ["yes"]


def test_exceptions_are_data_in_json(stream):
    configure_logging(ProcessSettings(), stream=stream)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("theirs").exception("failed")
        structlog.get_logger("ours").exception("failed")
    for line in lines(stream):
        assert line["exception"][0]["exc_type"] == "ValueError"


def test_whatever_is_logged_is_written(stream):
    configure_logging(ProcessSettings(), stream=stream)
    structlog.get_logger("ours").info("odd \ud800", value=object(), number=2**70, none=None)
    (line,) = lines(stream)
    assert line["message"] == "odd \\ud800"
    assert line["value"].startswith("<object")
    assert line["number"] == 2**70


def test_processors_add_to_every_line(stream):
    def add_trace(_logger, _method, event):
        return event | {"trace_id": "t"}

    configure_logging(ProcessSettings(), processors=[add_trace], stream=stream)
    structlog.get_logger("ours").info("one")
    logging.getLogger("theirs").warning("two")
    assert [line["trace_id"] for line in lines(stream)] == ["t", "t"]


def test_console_format_is_for_people(stream):
    configure_logging(ProcessSettings(log_format="console"), stream=stream)
    structlog.get_logger("ours").info("started", rule="r")
    assert "started" in stream.getvalue()
    assert "rule=r" in stream.getvalue()


def test_addresses_that_were_called_are_not_shown(stream):
    configure_logging(ProcessSettings(), stream=stream)
    logging.getLogger("httpx2").info("HTTP Request: GET https://example.com/?key=secret")
    assert lines(stream) == []


def test_a_line_within_a_span_says_which(stream):
    configure_logging(ProcessSettings(), stream=stream)
    with TracerProvider().get_tracer("test").start_as_current_span("span") as span:
        structlog.get_logger("ours").info("in it")
        logging.getLogger("theirs").info("in it too")
    structlog.get_logger("ours").info("after it")
    ids = span.get_span_context()
    expected = (format_trace_id(ids.trace_id), format_span_id(ids.span_id))
    *inside, after = lines(stream)
    assert [(line["trace_id"], line["span_id"]) for line in inside] == [expected] * 2
    assert "trace_id" not in after


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_what_an_error_was_about_is_not_shown(stream, log_format):
    def call(config: dict[str, str]) -> None:
        raise ValueError("it failed")

    configure_logging(ProcessSettings(log_format=log_format), stream=stream)
    for log in (structlog.get_logger("ours").exception, logging.getLogger("theirs").exception):
        try:
            call({"authorization": f"Bearer {'secret'[:6]}"})
        except ValueError:
            log("an error")
    shown = stream.getvalue()
    assert shown.count("ValueError") >= 2
    assert "Bearer secret" not in shown  # the line of code may be there, its values may not
