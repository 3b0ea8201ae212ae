"""Templates, config and result of any action."""

import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import Struct

from ichor_actions import (
    ActionAttempt,
    ConfigError,
    Registry,
    ResultError,
    UnknownActionTypeError,
    action,
)
from ichor_core.errors import TemplateError


class Inner(Struct):
    number: int


class Config(Struct):
    text: str = ""
    inner: Inner | None = None
    decimal: Decimal | None = None
    free: Any = None


class Result(Struct):
    value: Any


@action(type="free", title="Free", kind="local")
async def free(config: Config, attempt: ActionAttempt) -> dict[str, Any]:
    return config.free


@action(type="nothing", title="Nothing", kind="local")
async def nothing(config: Config, attempt: ActionAttempt) -> None:
    return None


@action(type="typed", title="Typed", kind="local")
async def typed(config: Config, attempt: ActionAttempt) -> Result:
    return config.free if config.free == "wrong" else Result(config.decimal or config.text)


@action(type="branching", title="Branching", kind="local", outcomes=("true_branch",))
async def branching(config: Config, attempt: ActionAttempt) -> dict[str, Any]:
    return {"branch_taken": config.text}


@action(type="reads", title="Reads", kind="local", reference_keys=("ref",))
async def reads(config: Config, attempt: ActionAttempt) -> dict[str, Any]:
    return {"found": attempt.lookup(config.free["ref"]), "value": config.free["value"]}


@action(type="tells", title="Tells", kind="local")
async def tells(config: Config, attempt: ActionAttempt) -> dict[str, Any]:
    attempt.logger.warning("Here I am")
    return {
        "key": attempt.idempotency_key,
        "attempt": attempt.number,
        "names": [attempt.action_name, attempt.action_type, attempt.rule_id],
        "written": attempt.written["text"],
    }


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry([free, nothing, typed, branching, reads, tells])


async def test_templates_are_resolved_with_their_types(run_in, registry):
    result = await run_in(
        registry,
        "free",
        {"free": {"whole": "{{order}}", "text": "no. {{order.lines[0].no}}", "t": ["{{total}}"]}},
        {"total": Decimal("1.10")},
        {"order": {"lines": [{"no": 7}]}},
    )
    assert result == {
        "whole": {"lines": [{"no": 7}]},
        "text": "no. 7",
        "t": [Decimal("1.10")],
    }


async def test_a_missing_reference_fails_with_its_place(run_in, registry):
    with pytest.raises(TemplateError, match=r"\$\.free\.a\[1\]: 'gone' is missing"):
        await run_in(registry, "free", {"free": {"a": [1, "{{gone}}"]}})


async def test_an_unknown_type_is_named(run_in, registry):
    with pytest.raises(UnknownActionTypeError, match="no action type 'other'"):
        await run_in(registry, "other", {})


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({"inner": {"number": "seven"}}, "$.inner.number", "expected a whole number, not text"),
        ({"inner": {}}, "$.inner", "missing required field `number`"),
        ({"text": 1}, "$.text", "expected text, not a number"),
    ],
)
async def test_a_wrong_config_fails_with_its_place(run_in, registry, config, path, message):
    with pytest.raises(ConfigError, match=message) as caught:
        await run_in(registry, "typed", config)
    assert caught.value.path == path
    assert not caught.value.retryable


async def test_decimals_stay_exact_through_structs(run_in, registry):
    exact = Decimal("0.1000000000000000055511151231257827")
    assert await run_in(registry, "typed", {"decimal": "{{n}}"}, {"n": exact}) == {"value": exact}


async def test_dates_become_text_and_nothing_an_empty_object(run_in, registry):
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    result = await run_in(registry, "free", {"free": {"at": moment}})
    assert result == {"at": "2026-01-02T00:00:00Z"}
    assert await run_in(registry, "nothing", {}) == {}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"free": "text"}, "free returned str, not an object"),
        ({"free": {"a": [float("nan")]}}, r"\$\.a\[0\]: nan is not a number"),
        ({"free": {"a": "x\0"}}, r"\$\.a: a string holds a NUL"),
        ({"free": {"a": "\ud800"}}, r"\$\.a: a string holds a lone surrogate"),
        ({"free": {"a": {1: 2}}}, "the key 1 is not a string"),
        ({"free": {"a": object()}}, "not plain data"),
        ({"free": {"branch_taken": "true_branch"}}, "its outcomes are none"),
    ],
)
async def test_a_result_that_cannot_be_stored_is_refused(run_in, registry, config, message):
    with pytest.raises(ResultError, match=message):
        await run_in(registry, "free", config)


async def test_a_result_is_what_its_type_promises(run_in, registry):
    with pytest.raises(ResultError, match="typed returned str, not Result"):
        await run_in(registry, "typed", {"free": "wrong"})
    with pytest.raises(ResultError, match="'sideways'; its outcomes are true_branch"):
        await run_in(registry, "branching", {"text": "sideways"})
    taken = {"branch_taken": "true_branch"}
    assert await run_in(registry, "branching", {"text": "true_branch"}) == taken


async def test_what_data_brings_is_never_a_reference(run_in, registry):
    """Text under a reference key is looked up as it is written, not as data would have it."""
    config = {"free": {"ref": "a.b", "value": {"x": "{{a.b}}"}}}
    result = await run_in(registry, "reads", config, {}, {"a": {"b": "{{secret}}"}})
    assert result == {"found": "{{secret}}", "value": {"x": "{{secret}}"}}
    config = {"free": {"ref": "{{choice}}", "value": [{"x": 1}]}}
    with pytest.raises(TemplateError, match="braces"):
        await run_in(registry, "reads", config, {"choice": "secret", "secret": 1})


async def test_the_key_is_the_same_in_every_attempt(run_in, registry):
    first = await run_in(registry, "tells", {"text": "{{a}}"}, {"a": "b"})
    again = await run_in(registry, "tells", {"text": "{{a}}"}, {"a": "b"}, attempt=2)
    other = await run_in(registry, "tells", {"text": "{{a}}"}, {"a": "b"}, visit=1)
    assert first["key"] == again["key"] != other["key"]
    assert (first["attempt"], again["attempt"]) == (1, 2)
    assert first["names"][:2] == ["tested", "tells"]
    assert first["written"] == "{{a}}"


async def test_records_of_the_logger_say_whose_they_are(run_in, registry, caplog):
    with caplog.at_level(logging.WARNING, "ichor_actions"):
        await run_in(registry, "tells", {"text": ""}, attempt=3)
    (record,) = caplog.records
    assert record.getMessage() == "Here I am"
    assert (record.action_name, record.action_type, record.attempt) == ("tested", "tells", 3)
    assert record.execution_id.endswith("2")
