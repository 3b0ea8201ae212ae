"""The compose file with its variables replaced."""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from tests.infra.kit.repository import INFRA

FILE = INFRA / "compose.yaml"
EXAMPLE = INFRA / ".env.example"
GENERATE = INFRA / "generate-env.sh"
# $$ is a dollar; ${NAME}, with a default after :-, or a complaint after :?
_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}|(?P<bad>.?))"
)


def example() -> dict[str, str]:
    """Return the variables of the example, each with a value, even if empty."""
    return {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}


def generate(file: Path) -> subprocess.CompletedProcess[str]:
    """Run what writes the variables."""
    return subprocess.run([GENERATE, file], capture_output=True, text=True, check=False)


@cache
def generated() -> Mapping[str, str]:
    """Return the variables as a first start has them."""
    with tempfile.TemporaryDirectory(prefix="ichor-env-") as folder:
        file = Path(folder) / ".env"
        generate(file).check_returncode()
        return {name: value or "" for name, value in dotenv_values(file).items()}


def variables(text: str) -> dict[str, bool]:
    """Return the names of the variables in a text, and whether each has a default.

    Raises:
        ValueError: a dollar that begins no variable in a form that is used here.
    """
    found: dict[str, bool] = {}
    for match in _VARIABLE.finditer(text):
        if match["bad"] is not None:
            raise ValueError(f"write ${{NAME}} or $$, not {match[0]!r}")
        if match["name"]:
            found[match["name"]] = match["how"] == "-"
    return found


def replaced(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its variables replaced.

    Raises:
        KeyError: a variable has neither value nor default.
    """

    def value(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        name = match["name"]
        if values.get(name):
            return values[name]
        return match["rest"] if match["how"] == "-" else values[name]

    return _VARIABLE.sub(value, text)


def document() -> Any:
    """Return the file as it is written."""
    return yaml.safe_load(FILE.read_text())


def resolved() -> Any:
    """Return the file with the values of a first start."""
    return _resolve(document(), generated())


def _resolve(node: Any, values: Mapping[str, str]) -> Any:
    match node:
        case str():
            return replaced(node, values)
        case list():
            return [_resolve(item, values) for item in node]
        case dict():
            return {name: _resolve(item, values) for name, item in node.items()}
        case _:
            return node
