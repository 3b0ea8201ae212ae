"""The dashboard and the alert rules, as Grafana and Prometheus read them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

INFRA = Path(__file__).parents[3] / "infra"
RULE_FILES = sorted((INFRA / "alerts").glob("*.yaml"))
_VARIABLES = {"$__rate_interval": "5m", "$process": ".*", "$instance": ".*"}


def dashboard() -> dict[str, Any]:
    """Return the dashboard."""
    return json.loads((INFRA / "dashboards/ichor.json").read_text())


def panels() -> list[dict[str, Any]]:
    """Return the panels of the dashboard, its rows left out."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def alerts() -> list[dict[str, Any]]:
    """Return the alert rules."""
    documents = [yaml.safe_load(file.read_text()) for file in RULE_FILES]
    return [rule for one in documents for group in one["groups"] for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str]]:
    """Return every expression with where it stands, variables filled in."""
    for panel in panels():
        for target in panel["targets"]:
            yield f"panel {panel['title']!r}", _filled(target["expr"])
    for rule in alerts():
        yield f"alert {rule['alert']}", rule["expr"]


def variable_queries() -> Iterator[tuple[str, str]]:
    """Return the selector and the label of each variable that is looked up."""
    for variable in dashboard()["templating"]["list"]:
        if variable["type"] == "query":
            query = _filled(variable["query"]["query"])
            found = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
            assert found is not None, query
            yield found[1], found[2]


def legend_labels(target: dict[str, Any]) -> set[str]:
    """Return the labels that a legend shows."""
    return set(re.findall(r"{{(\w+)}}", target["legendFormat"]))


def _filled(text: str) -> str:
    for name, value in _VARIABLES.items():
        text = text.replace(name, value)
    assert "$" not in text, text
    return text
