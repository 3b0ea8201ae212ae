"""What a builder gets to see: the repository without what .dockerignore leaves out."""

import re
import shutil
from functools import cache
from pathlib import Path, PurePosixPath

from tests.infra.kit.repository import ROOT


class Ignored:
    """The patterns of a .dockerignore; the last one that matches a path or a parent decides."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        self._rules = [
            (_pattern(line.removeprefix("!").strip("/")), line.startswith("!"))
            for line in lines
            if line and not line.startswith("#")
        ]

    def hides(self, path: PurePosixPath) -> bool:
        """Whether a path, relative to the context, is left out."""
        hidden = False
        tree = [str(part) for part in (path, *path.parents) if str(part) != "."]
        for pattern, shown in self._rules:
            if any(pattern.fullmatch(part) for part in tree):
                hidden = not shown
        return hidden


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    special = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(special.get(part, re.escape(part)) for part in parts))


def copy_from_context(source: str, target: Path) -> None:
    """Copy a file, or what is in a folder, as COPY does.

    Raises:
        FileNotFoundError: there is nothing of this name, or .dockerignore hides it.
    """
    ignored = Ignored((ROOT / ".dockerignore").read_text())
    origin = ROOT / source
    if ignored.hides(PurePosixPath(source)) or not origin.exists():
        raise FileNotFoundError(f"{source} is not in the build context")
    if origin.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(origin, target)
        return

    def hidden(folder: str, names: list[str]) -> list[str]:
        inside = PurePosixPath(Path(folder).relative_to(ROOT))
        return [name for name in names if ignored.hides(inside / name)]

    shutil.copytree(origin, target, ignore=hidden, dirs_exist_ok=True)
