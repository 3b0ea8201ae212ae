"""Functions and objects as actions, and what is wrong with them."""

from typing import Any

import pytest
from msgspec import Struct

from ichor_actions import ActionAttempt, ActionDefinitionError, ActionSpec, action
from ichor_actions.definition.action import check_action, source_of
from ichor_core.limits import Limits


class Config(Struct):
    name: str


class Result(Struct):
    text: str


async def greet(config: Config, attempt: ActionAttempt) -> Result:
    """Greets somebody.

    And says no more.
    """
    return Result(f"Hello {config.name}")


def test_a_function_becomes_an_action():
    made = action(
        type="greet", title="Greet", kind="sync", limits=Limits(max_attempts=7), outcomes=("x",)
    )(greet)
    assert (made.spec.type, made.spec.title, made.spec.kind) == ("greet", "Greet", "sync")
    assert (made.spec.config, made.spec.result) == (Config, Result)
    assert made.spec.description == "Greets somebody."
    assert made.spec.limits.max_attempts == 7
    assert source_of(made) == f"{__name__}.greet"
    assert check_action(made) is made


def test_a_result_may_be_free_or_nothing():
    async def free(config: Config, attempt: ActionAttempt) -> dict[str, Any]:
        return {}

    async def nothing(config: Config, attempt: ActionAttempt) -> None: ...

    for function in (free, nothing):
        made = action(type="it", title="It", kind="local")(function)
        assert made.spec.result is None
        assert made.spec.action_type.result_schema == {"type": "object"}


def not_async(config: Config, attempt: ActionAttempt) -> Result: ...


async def one_parameter(config: Config) -> Result: ...


async def three_parameters(config: Config, attempt: ActionAttempt, more: int) -> Result: ...


async def keyword(config: Config, *, attempt: ActionAttempt) -> Result: ...


async def no_config(config, attempt: ActionAttempt) -> Result: ...


async def other_config(config: dict[str, Any], attempt: ActionAttempt) -> Result: ...


async def other_attempt(config: Config, attempt: str) -> Result: ...


async def no_result(config: Config, attempt: ActionAttempt): ...


async def other_result(config: Config, attempt: ActionAttempt) -> str: ...


async def unknown(config: "Missing", attempt: ActionAttempt) -> Result: ...  # noqa: F821


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (not_async, "not `async def`"),
        (one_parameter, "exactly a config and an attempt"),
        (three_parameters, "exactly a config and an attempt"),
        (keyword, "exactly a config and an attempt"),
        (no_config, "annotation of 'config' is not a msgspec.Struct"),
        (other_config, "annotation of 'config' is not a msgspec.Struct"),
        (other_attempt, "annotation of 'attempt' is not ActionAttempt"),
        (no_result, "return annotation is missing"),
        (other_result, "returns neither"),
        (unknown, "'Missing' is not defined"),
    ],
)
def test_a_wrong_signature_fails_at_import_and_is_named(function: Any, problem: str):
    with pytest.raises(ActionDefinitionError, match=problem) as caught:
        action(type="it", title="It", kind="local")(function)
    assert f".{function.__name__}:" in str(caught.value)


@pytest.mark.parametrize("name", ["", "Greet", "1st", "a-b", "a b", "ä", "a\n", "a" * 101])
def test_a_type_has_a_plain_name(name: str):
    with pytest.raises(ActionDefinitionError, match="lower case"):
        ActionSpec(type=name, title="It", kind="local", config=Config)


def test_a_kind_is_known():
    with pytest.raises(ActionDefinitionError, match="'later' is not one of the kinds"):
        ActionSpec(type="it", title="It", kind="later", config=Config)


class NoSpec:
    async def execute(self, config: Config, attempt: ActionAttempt) -> None: ...


class NotAsync:
    spec = ActionSpec(type="it", title="It", kind="local", config=Config)

    def execute(self, config: Config, attempt: ActionAttempt) -> None: ...


@pytest.mark.parametrize("item", [None, NoSpec(), NotAsync(), greet])
def test_what_is_no_action_is_refused(item: Any):
    with pytest.raises(ActionDefinitionError, match="is not an action"):
        check_action(item)
