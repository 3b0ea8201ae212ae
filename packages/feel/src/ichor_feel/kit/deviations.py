"""Cases that are known to come out otherwise, with the reason of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Deviation:
    """Cases whose names match a pattern of ``*`` and ``?``, and the reason."""

    pattern: re.Pattern[str]
    reason: str


def read_deviations(path: Path) -> list[Deviation]:
    """Lines of ``pattern: reason``; empty ones, and those that begin with ``#``, say nothing."""
    deviations: list[Deviation] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pattern, _, reason = line.partition(": ")
        parts = [{"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern.strip()]
        deviations.append(Deviation(re.compile("".join(parts)), reason.strip()))
    return deviations


def reason_for(name: str, deviations: Sequence[Deviation]) -> str | None:
    """Why a case comes out otherwise; None if that is not known."""
    return next((one.reason for one in deviations if one.pattern.fullmatch(name)), None)
