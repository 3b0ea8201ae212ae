"""The tables of docs/metrics.md."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs/metrics.md"
_ROW = re.compile(r"^\| `(?P<name>[a-z_]+)` \| (?P<kind>\w+) \|(?P<labels>[^|]*)\|", re.MULTILINE)


def documented() -> dict[str, set[str]]:
    """Return the metrics of the page, as their families are named, with their labels."""
    rows = _ROW.finditer(PAGE.read_text())
    return {
        row["name"].removesuffix("_total"): set(re.findall(r"`(\w+)`", row["labels"]))
        for row in rows
    }
