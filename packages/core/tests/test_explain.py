"""What does not fit its type is said with what would."""

from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from msgspec import Meta, Struct

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError
from ichor_core.explain import explain, suggest
from ichor_core.graph.definition import GraphDefinition

Colour = Enum("Colour", {"RED": "red", "BLUE": "blue"})


class Inner(Struct, forbid_unknown_fields=True, rename="camel"):
    start_time: datetime | None = None
    kinds: dict[str, Literal["x", "y"]] = {}
    pair: tuple[int, Literal["p"] | None] | None = None


class Needed(Struct):
    x: int


class Outer(Struct, forbid_unknown_fields=True):
    event: Literal["on_create", "on_delete"] = "on_create"
    inner: Inner | None = None
    many: list[Inner] = []
    id: UUID | None = None
    key: Annotated[str, Meta(pattern="^[0-9a-fA-F]{8}-[0-9a-fA-F]{12}$")] = ""
    code: Annotated[str, Meta(pattern="^[a-z]$")] = "a"
    day: date | None = None
    wait: timedelta | None = None
    colour: Colour | None = None
    number: Literal[1, 2] = 1
    by_number: dict[int, int] = {}
    name: Annotated[str, Meta(min_length=1, max_length=3)] = "a"
    tags: Annotated[tuple[str, ...], Meta(min_length=1)] = ("a",)
    amount: Annotated[int, Meta(ge=1)] = 1
    share: Annotated[float, Meta(le=1)] | str = 1
    needed: Needed | None = None


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (
            '{"event": "created"}',
            "$.event",
            "'created' is not one of on_create, on_delete; did you mean on_create?",
        ),
        ('{"event": "z"}', "$.event", "'z' is not one of on_create, on_delete"),
        ('{"number": 3}', "$.number", "3 is not one of 1, 2"),
        ('{"colour": "rot"}', "$.colour", "'rot' is not one of red, blue"),
        ('{"inner": {"kinds": {"k": "z"}}}', "$.inner.kinds[...]", "'z' is not one of x, y"),
        ('{"many": [{}, {"pair": [1, "q"]}]}', "$.many[1].pair[1]", "'q' is not one of p"),
        ('{"many": [{"startTime": "x"}]}', "$.many[0].startTime", "'x' is not a time in ISO"),
        ('{"id": "7"}', "$.id", "'7' is not a UUID"),
        ('{"key": "7"}', "$.key", "'7' is not a UUID"),
        ('{"code": "7"}', "$.code", "expected text matching regex"),
        ('{"day": "today"}', "$.day", "'today' is not a date in ISO 8601"),
        ('{"wait": "P"}', "$.wait", "'P' is not a duration in ISO 8601"),
        ('{"evnt": 1}', "", "Object contains unknown field `evnt`; did you mean `event`?"),
        ('{"inner": {"start_time": 1}}', "$.inner", "did you mean `startTime`?"),
        ('{"inner": {"x": 1}}', "$.inner", "known: `startTime`, `kinds`, `pair`"),
        ('{"event": 1}', "$.event", "expected text, not a number; put it in quotes"),
        (
            '{"by_number": {"a": 1}}',
            "key` in `$.by_number",
            "number, not text; write it without quotes",
        ),
        ('{"name": ""}', "$.name", "expected text of at least 1 character"),
        ('{"name": "abcd"}', "$.name", "expected text of at most 3 characters"),
        ('{"name": ["a"]}', "$.name", "not a list; {{x | json}} makes text of it in a template"),
        ('{"tags": []}', "$.tags", "expected a list of at least 1 item"),
        ('{"amount": 0}', "$.amount", "expected a whole number, at least 1"),
        ('{"amount": 2.5}', "$.amount", "expected a whole number, not a number"),
        ('{"share": 2}', "$.share", "expected a number, at most 1"),
        ('{"share": null}', "$.share", "expected a number or text, not null"),
        ('{"needed": {}}', "$.needed", "missing required field `x`"),
        (
            '{"inner": {"startTime": "2026-03-01"}}',
            "$.inner.startTime",
            "add the time of day: 2026-03-01T0",
        ),
        (
            '{"inner": {"startTime": "2026-03-01T00:00:00 02:00"}}',
            "$.inner.startTime",
            "is written %2B",
        ),
        ('{"id": "7", oops', "$.id", "the value is not a UUID"),
        ("3", "", "expected an object, not a number"),
    ],
)
def test_the_place_and_the_cure_are_named(text: str, path: str, message: str):
    with pytest.raises(ExactJsonError) as caught:
        exact_json.decode(text, Outer)
    assert caught.value.path == path
    assert message in caught.value.message


def test_a_graph_in_a_file_is_explained_too():
    text = '{"edges": [{"target_action_id": "a", "edge_type": "true"}]}'
    with pytest.raises(ValueError, match=r"not one of .*true_branch|not a UUID"):
        GraphDefinition.from_json(text)


def test_an_unknown_value_is_not_shown():
    assert explain("Invalid UUID - at `$.id`", Outer) == ("the value is not a UUID", "$.id")
    assert explain("Invalid enum value 5", Any) == ("Invalid enum value 5", "")


def test_a_long_value_is_cut():
    message, _ = explain("Invalid UUID - at `$.id`", Outer, {"id": "x" * 1_000})
    assert len(message) < 120


def test_of_many_names_some_are_shown():
    assert suggest("zz", (f"name{n}" for n in range(30))).endswith("name19, …")
    assert suggest("zz", []) == "known: none"
