"""The little Markdown that reference pages need."""

from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `make references`; what it says stands in the code. -->"


def page(title: str, *parts: str) -> str:
    """Return a page of these parts, those that are empty left out."""
    return "\n\n".join([f"# {title}", GENERATED, *(part for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; without rows an empty text."""
    lines = [
        "".join(f"| {text} " if (text := cell(each)) else "| " for each in row) + "|"
        for row in rows
    ]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *lines])


def cell(text: str) -> str:
    """Return a text as it may stand in a cell: on one line, its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def code(value: str) -> str:
    """Return a text as code; an empty one stays empty."""
    return f"`{value}`" if value else ""


def sentence(text: str) -> str:
    """Return a text without the line breaks and literals of docstrings."""
    return " ".join(text.replace("``", "`").split())


def anchor(heading: str) -> str:
    """Return the anchor of a heading of letters, digits, spaces and underscores."""
    return heading.lower().replace(" ", "-")
