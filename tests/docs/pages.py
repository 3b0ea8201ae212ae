"""The Markdown files of this repository, as GitHub and the site read them."""

import re
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
_PARSER = MarkdownIt("commonmark").enable("table")


class Fence(NamedTuple):
    """A block of code, and where it stands."""

    language: str
    code: str
    line: int


class Page(NamedTuple):
    """What the tests want to know of one file."""

    path: str
    anchors: frozenset[str]
    links: tuple[tuple[str, int], ...]
    """Targets and lines, images included."""
    fences: tuple[Fence, ...]


@cache
def pages() -> dict[str, Page]:
    """Return every Markdown file that is in git or could be added, by its path from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [path for path in listed.stdout.split("\0") if path and (ROOT / path).exists()]
    return {path: read(path, (ROOT / path).read_text()) for path in sorted(paths)}


def read(path: str, text: str) -> Page:
    """Read one page."""
    tokens = _PARSER.parse(text)
    return Page(path, frozenset(_anchors(tokens)), tuple(_links(tokens)), tuple(_fences(tokens)))


def _anchors(tokens: list[Token]) -> list[str]:
    found: list[str] = []
    for heading, content in pairwise(tokens):
        if heading.type != "heading_open":
            continue
        parts = (each.content for each in content.children or ())
        anchor = re.sub(r"[^\w\- ]", "", "".join(parts).strip().lower()).replace(" ", "-")
        times = sum(1 for each in found if re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", each))
        found.append(f"{anchor}-{times}" if times else anchor)
    return found


def _links(tokens: list[Token]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target is not None:
                found.append((str(target), line))
    return found


def _fences(tokens: list[Token]) -> list[Fence]:
    return [
        Fence(token.info.strip(), token.content, token.map[0] + 1)
        for token in tokens
        if token.type == "fence" and token.map
    ]
