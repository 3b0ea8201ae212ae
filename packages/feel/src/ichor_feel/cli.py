"""The command ``python -m ichor_feel``."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ichor_feel.errors import NotJsonError, ParseError
from ichor_feel.evaluation.evaluation import Evaluation
from ichor_feel.expression import Expression, parse
from ichor_feel.source import place
from ichor_feel.values.json_values import json_text, parse_json
from ichor_feel.values.temporal_text import date_time_from

_DESCRIPTION = "Evaluate a FEEL expression."
_EPILOG = """exit codes: 0 evaluated; 1 null because of a problem, or a limit reached; 2 bad input

example: python -m ichor_feel "for x in xs return x * 2" --context '{"xs": [1, 2, 3]}'"""


class _BadInputError(Exception):
    """An argument that cannot be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        context = _context(options.context)
        if options.now is not None and date_time_from(options.now) is None:
            raise _BadInputError(f"--now: {options.now!r} is no date and time")
        expression = parse(options.expression, context)
    except (_BadInputError, ParseError) as error:
        sys.stderr.write(f"error: {error}\n")
        if isinstance(error, ParseError):
            sys.stderr.write(_pointer(options.expression, error))
        return 2
    evaluation = expression.evaluate(context, now=options.now)
    write = _write_json if options.json else _write_text
    return write(expression, evaluation)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ichor_feel",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("expression", help="text of the expression")
    parser.add_argument("--context", default="{}", help="names and values as JSON, or @FILE")
    parser.add_argument("--now", help="moment for now() and today(), as 2024-05-31T09:30:00+02:00")
    parser.add_argument("--json", action="store_true", help="print value and problems as JSON")
    return parser


def _context(text: str) -> dict[str, Any]:
    try:
        content = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        value = parse_json(content)
    except OSError as error:
        raise _BadInputError(f"--context: {error}") from None
    except (ValueError, RecursionError) as error:
        raise _BadInputError(f"--context: no JSON: {error}") from None
    if not isinstance(value, dict):
        raise _BadInputError("--context: must be a JSON object")
    return value


def _pointer(text: str, error: ParseError) -> str:
    line = text.splitlines()[error.line - 1] if text.splitlines() else ""
    return f"  {line}\n  {' ' * (error.column - 1)}^\n" if len(line) <= 200 else ""


def _value_text(evaluation: Evaluation) -> str:
    try:
        return json_text(evaluation.value)
    except NotJsonError:
        return repr(evaluation.value)


def _write_text(expression: Expression, evaluation: Evaluation) -> int:
    sys.stdout.write(_value_text(evaluation) + "\n")
    for problem in evaluation.problems:
        line, column = place(expression.source, problem.span.start)
        sys.stderr.write(f"line {line}, column {column}: {problem.message}\n")
    return 1 if evaluation.failure else 0


def _write_json(expression: Expression, evaluation: Evaluation) -> int:
    def rows(problems: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for one in problems:
            line, column = place(expression.source, one.span.start)
            row = {"code": one.code, "message": one.message, "line": line, "column": column}
            found.append(row | {"found": one.found})
        return found

    parts = {
        "problems": rows(evaluation.problems),
        "handled": rows(evaluation.handled),
        "absorbed": rows(evaluation.absorbed),
    }
    rest = json.dumps(parts, ensure_ascii=False)
    try:
        value = json_text(evaluation.value)
    except NotJsonError:
        value = "null"
    sys.stdout.write(f'{{"value": {value}, {rest[1:]}\n')
    return 1 if evaluation.failure else 0
