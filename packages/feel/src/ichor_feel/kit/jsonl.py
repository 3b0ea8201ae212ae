"""Cases from lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ichor_feel.kit.case import Case
from ichor_feel.kit.values import value_of


def cases_of_lines(path: Path) -> Iterator[Case]:
    """Each line an object with test, expression, context, expected, error and result_type."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Case(
                name=row["test"],
                expression=row["expression"],
                context={name: value_of(one) for name, one in row["context"].items()},
                expected=value_of(row["expected"]),
                expects_error=bool(row.get("error")),
                result_type=row.get("result_type") or None,
            )
