"""The reference of all functions, written from their table."""

from __future__ import annotations

from typing import Final

from ichor_feel.functions import BUILT_INS
from ichor_feel.functions.signature import Function

EXAMPLE_NOW: Final = "2024-05-31T10:30:00+02:00"
"""The moment for which the examples of `now` and `today` hold."""

_ORIGINS: Final = {
    "standard": "",
    "Camunda": " Extension, as in Camunda.",
    "own": " Own extension.",
}


def functions_markdown() -> str:
    """A section for each family, a row for each function: usage, meaning, example and its value."""
    families: dict[str, list[Function]] = {}
    for function in BUILT_INS.values():
        families.setdefault(function.family, []).append(function)
    parts = ["# FEEL functions\n"]
    for family, functions in sorted(families.items()):
        parts.append(f"\n## {family.capitalize()}\n")
        parts.append("\n| function | gives | meaning | example |\n|---|---|---|---|\n")
        parts += [_row(one) for one in sorted(functions, key=lambda one: one.name)]
    return "".join(parts)


def _row(function: Function) -> str:
    usage = "<br>".join(f"`{_cell(one)}`" for one in function.usages)
    example = f"`{_cell(function.example)}` = `{_cell(function.result)}`"
    meaning = _cell(function.summary) + _ORIGINS[function.origin]
    return f"| {usage} | {function.result_type} | {meaning} | {example} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
