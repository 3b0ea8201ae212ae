"""The example rules, as they stand in the folder `rules`."""

from pathlib import Path
from string import Template
from typing import Any

from msgspec import Struct

from ichor_core import exact_json

FOLDER = Path(__file__).parent / "rules"


class RuleFile(Struct, frozen=True):
    """A rule and its graph, as the trigger API takes them."""

    rule: dict[str, Any]
    graph: dict[str, Any]


def read_rules(partner_url: str) -> list[RuleFile]:
    """Return the rules in the order of their file names.

    Args:
        partner_url: takes the place of `${PARTNER_URL}`.
    """
    return [
        exact_json.decode(
            Template(path.read_text(encoding="utf-8")).substitute(PARTNER_URL=partner_url), RuleFile
        )
        for path in sorted(FOLDER.glob("*.json"))
    ]
