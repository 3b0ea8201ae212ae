"""One log format for all loggers of a process: structlog, the Temporal SDK, the HTTP server.

``structlog.contextvars.bound_contextvars(execution_id=…)`` binds values to all lines of a piece of
work, those of the standard library's loggers included. Lines within a span have its ids.
"""

import logging
import sys
from collections.abc import Sequence
from typing import TextIO

import stamina.instrumentation
import structlog
import temporalio.activity
import temporalio.workflow
from opentelemetry import trace
from structlog.typing import EventDict, Processor

from ichor_core import exact_json
from ichor_runtime.settings import ProcessSettings

_QUIET = ("asyncio", "httpcore", "httpcore2", "httpx", "httpx2")
"""Libraries whose lines at INFO are of no use to operators, or show addresses with secrets."""

_COPIES = ("color_message", "temporal_log", "__temporal_error_identifier")
"""Keys that uvicorn and Temporal's SDK add to a line, and whose content its message has."""


def configure_logging(
    settings: ProcessSettings, *, processors: Sequence[Processor] = (), stream: TextIO | None = None
) -> None:
    """Send every log line of this process to one stream, in one format.

    Args:
        settings: level and format.
        processors: are run over each line before it is written.
        stream: standard output if None.
    """
    level = getattr(logging, settings.log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _add_trace_ids,
        *processors,
    ]
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _without_copies],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # `telemetry.activities` logs it with the ids that matter, and without a traceback.
    logging.getLogger("temporalio.activity").addFilter(_is_not_said_elsewhere)
    temporalio.activity.logger.activity_info_on_message = False
    temporalio.workflow.logger.workflow_info_on_message = False
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # Every retry is logged where it happens, with the name of the system that is away.
    stamina.instrumentation.set_on_retry_hooks(())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Modules make their loggers at import, tests configure more than once.
        cache_logger_on_first_use=False,
    )


def _renderers(settings: ProcessSettings) -> list[Processor]:
    if settings.log_format == "console":
        return [
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    return [
        # Local variables may hold anything: configs, event data, secrets.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(serializer=_to_json),
    ]


def _add_trace_ids(_logger: object, _method: str, event: EventDict) -> EventDict:
    span = trace.get_current_span()
    current = span.get_span_context()
    if current.is_valid:
        event.setdefault("trace_id", trace.format_trace_id(current.trace_id))
    if span.is_recording():
        event.setdefault("span_id", trace.format_span_id(current.span_id))
    return event


def _without_copies(_logger: object, _method: str, event: EventDict) -> EventDict:
    for name in _COPIES:
        event.pop(name, None)
    return event


def _is_not_said_elsewhere(record: logging.LogRecord) -> bool:
    return getattr(record, "__temporal_error_identifier", "") != "ActivityFailure"


def _to_json(event: EventDict, **_options: object) -> str:
    """Write a line; a log call must not fail because of its values."""
    try:
        return exact_json.encode(event).decode()
    except (TypeError, ValueError):
        return exact_json.encode({key: _plain(value) for key, value in event.items()}).decode()


def _plain(value: object) -> object:
    if isinstance(value, int | float | bool | None):
        return value
    text = value if isinstance(value, str) else repr(value)
    return text.encode(errors="backslashreplace").decode()
