"""The wheels of the workspace's members, and what they say of themselves."""

import re
import tomllib
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

from tests.reuse.kit.uv import uv

ROOT = Path(__file__).parents[3]
MEMBERS = {
    tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"]: folder
    for folder in sorted([*ROOT.glob("packages/*"), *ROOT.glob("services/*")])
}
"""Folders by distribution."""


class Requirement(NamedTuple):
    """One dependency."""

    name: str
    extra: str
    """An extra of what is required."""
    version: str
    """What follows the name, such as ``>=1.0,<2``."""
    only_for: str
    """The extra that asks for it; empty: always."""


class Wheel:
    """A wheel that was built."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with ZipFile(path) as archive:
            self.files = {name for name in archive.namelist() if not name.endswith("/")}
            (self._info,) = {name.split("/")[0] for name in self.files if ".dist-info/" in name}
            self.metadata: Message = message_from_bytes(archive.read(f"{self._info}/METADATA"))

    @property
    def name(self) -> str:
        """Its distribution."""
        return str(self.metadata["Name"])

    @property
    def module(self) -> str:
        """Its import root."""
        return self.name.replace("-", "_")

    @property
    def requirements(self) -> list[Requirement]:
        """What it needs of others."""
        return list(map(_requirement, self.metadata.get_all("Requires-Dist", [])))

    @property
    def entry_points(self) -> str:
        """The text of its entry points; empty if it has none."""
        name = f"{self._info}/entry_points.txt"
        return self.read(name) if name in self.files else ""

    def read(self, name: str) -> str:
        """Return the text of a file."""
        with ZipFile(self.path) as archive:
            return archive.read(name).decode()

    def read_info(self, name: str) -> str:
        """Return the text of a file beside the metadata."""
        return self.read(f"{self._info}/{name}")


def _requirement(text: str) -> Requirement:
    pattern = r"([A-Za-z0-9._-]+)(?:\[([\w,-]+)\])?([^;]*?)\s*(?:;\s*extra == '([\w-]+)')?"
    found = re.fullmatch(pattern, text)
    assert found, f"this test does not understand the dependency {text!r}"
    name, extra, version, only_for = found.groups(default="")
    return Requirement(name, extra, version.strip(), only_for)


def build_all(folder: Path) -> dict[str, Wheel]:
    """Build the wheel of every member; returns them by distribution.

    Raises:
        UvError: one cannot be built.
    """
    uv("build", "--wheel", "--all-packages", "--out-dir", str(folder))
    wheels = map(Wheel, folder.glob("*.whl"))
    return {wheel.name: wheel for wheel in wheels}


def build_example(name: str, folder: Path) -> Path:
    """Build the wheel of an example, which is no member; returns its path.

    Raises:
        UvError: it cannot be built.
    """
    uv("build", "--wheel", f"examples/{name}", "--out-dir", str(folder))
    (path,) = folder.glob(f"{name}-*.whl")
    return path


def with_dependencies(name: str, wheels: dict[str, Wheel]) -> set[str]:
    """Return a member and every member that it needs, extras included."""
    needed = {one.name for one in wheels[name].requirements if one.name in wheels}
    return {name}.union(*(with_dependencies(one, wheels) for one in needed))


def project(name: str) -> dict[str, Any]:
    """Return what the pyproject.toml of a member says."""
    return tomllib.loads((MEMBERS[name] / "pyproject.toml").read_text())["project"]
