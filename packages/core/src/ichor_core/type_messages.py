"""Messages of msgspec about types, in words that JSON has."""

import re

_EXPECTED = re.compile(r"Expected `([^`]+)`(.*)", re.DOTALL)
_GOT = re.compile(r", got `([^`]+)`")
_LENGTH = re.compile(r" of (at least |at most )?length (>= |<= |)(\d+)")
_BOUND = re.compile(r" (>=|<=|>|<) (\S+)")
_MULTIPLE = re.compile(r" that's a multiple of (\S+)")
_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_NAMES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
    "datetime": "a time",
    "date": "a date",
    "time": "a time of day",
    "duration": "a duration",
    "uuid": "a UUID",
}
_FOUND = {**_NAMES, "int": "a number"}
_UNITS = {"array": "item", "object": "field"}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def in_plain_words(message: str) -> str:
    """Return a message of msgspec without the names of Python, with the cure where there is one.

    A message that is not about a type is returned as it is.
    """
    if missing := _MISSING.fullmatch(message):
        return f"missing required field `{missing[1]}`"
    expected = _EXPECTED.fullmatch(message)
    if expected is None:
        return message
    kinds, rest = expected[1].split(" | "), expected[2]
    if "float" in kinds:
        kinds = [kind for kind in kinds if kind != "int"]
    if len(kinds) > 1:
        kinds = [kind for kind in kinds if kind != "null"]
    wanted = "expected " + " or ".join(_NAMES.get(kind, kind) for kind in kinds)
    if got := _GOT.fullmatch(rest):
        return f"{wanted}, not {_FOUND.get(got[1], got[1])}{_cure(kinds, got[1])}"
    if length := _LENGTH.fullmatch(rest):
        return f"{wanted} of {_length(kinds[0], length)}"
    if bound := _BOUND.fullmatch(rest):
        return f"{wanted}, {_BOUNDS[bound[1]]} {bound[2].removesuffix('.0')}"
    if multiple := _MULTIPLE.fullmatch(rest):
        return f"{wanted} that is a multiple of {multiple[1]}"
    return wanted + rest


def _length(kind: str, length: re.Match[str]) -> str:
    word, sign, number = length.groups()
    bound = word or {">= ": "at least ", "<= ": "at most "}.get(sign, "")
    unit = _UNITS.get(kind, "character")
    return f"{bound}{number} {unit if number == '1' else unit + 's'}"


def _cure(wanted: list[str], got: str) -> str:
    if "str" in wanted and got in ("array", "object"):
        return "; {{x | json}} makes text of it in a template"
    if "str" in wanted and got in ("int", "float", "bool"):
        return "; put it in quotes, or in a template write {{x | json}}"
    if got == "str" and {"int", "float", "bool", "null"} >= set(wanted):
        return "; write it without quotes"
    return ""
