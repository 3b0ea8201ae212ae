"""JSON."""

from __future__ import annotations

import json
from typing import Any, Final

from ichor_feel.errors import NotJsonError
from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values.incoming import take_in
from ichor_feel.values.json_values import json_text, parse_json

_family = Family("conversion", "Camunda")
_MAX_TEXT: Final = 1_048_576


@_family.function(
    "to json",
    "value: Any!",
    gives="string",
    summary="A value as JSON; dates, times, durations and ranges become strings.",
    example="to json({a: 1, b: [true, null]})",
    result='"{\\"a\\":1,\\"b\\":[true,null]}"',
)
def to_json(call: Call, value: Any) -> Any:
    """Compact JSON."""
    try:
        text = json_text(value, spend=call.runtime.spend, room=call.runtime.characters)
    except NotJsonError as error:
        return call.fail(str(error))
    call.runtime.make_text(len(text))
    return text


@_family.function(
    "from json",
    "value: string",
    gives="Any",
    summary="The value that a JSON text means; numbers stay exact.",
    example='from json("{\\"a\\": [1, 2.5]}").a[2]',
    result="2.5",
)
def from_json(call: Call, text: str) -> Any:
    """By its JSON."""
    if len(text) > _MAX_TEXT:
        return call.fail(f"the text is longer than {_MAX_TEXT:,} characters", "limit")
    call.runtime.spend(len(text) >> 3)
    # Each item and entry takes at least two characters, and needs at least one of these.
    call.runtime.make_items(2 * (text.count(",") + text.count("[") + text.count("{")))
    try:
        value = parse_json(text)
    except json.JSONDecodeError as error:
        message = f"no JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        return call.fail(message)
    except (ValueError, RecursionError):
        return call.fail("no JSON, or nested too deeply, or with a number out of range")
    return take_in(call.runtime, value, "from json")
