"""What the demo writes: plain lines, coloured where a person reads them."""

import os
import shutil
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, Literal, TextIO, cast

Style = Literal["bold", "dim", "red", "green", "yellow", "blue"]

_CODES: dict[Style, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
}
STATUS_STYLES: dict[str, Style] = {
    "pending": "dim",
    "waiting": "dim",
    "running": "blue",
    "completed": "green",
    "completed_with_failures": "yellow",
    "skipped": "dim",
    "cancelled": "yellow",
    "failed": "red",
    "blocked": "red",
    "timed_out": "red",
}
_PIPED_WIDTH = 140
_LEAST_LAST_COLUMN = 20

Cell = tuple[str, Style | None]


class Console:
    """Writes lines at once.

    Args:
        stream: where to; colours are used if it is a terminal and `NO_COLOR` is not set.
    """

    def __init__(self, stream: TextIO) -> None:
        # A terminal that does not speak UTF-8 must not end the demo.
        cast("TextIOWrapper[Any]", stream).reconfigure(errors="replace")
        self._stream: TextIO = stream
        self._colored = stream.isatty() and not os.environ.get("NO_COLOR")
        self._width = shutil.get_terminal_size().columns if stream.isatty() else _PIPED_WIDTH

    def line(self, text: str = "", style: Style | None = None) -> None:
        """Write a line."""
        self._stream.write(self._styled(text, style) + "\n")
        self._stream.flush()

    def heading(self, text: str) -> None:
        """Write a title, set off from what comes before."""
        self.line()
        self.line(text, "bold")

    def done(self, what: str, detail: str, seconds: float) -> None:
        """Write that something is up."""
        mark = self._styled("✓", "green")
        time = self._styled(f"{seconds:.1f} s", "dim")
        self.line(f"  {mark} {what:<21} {detail}  {time}")

    def row(self, cells: Sequence[Cell], widths: Sequence[int]) -> None:
        """Write cells side by side; the last one is cut where the line ends."""
        room = max(_LEAST_LAST_COLUMN, self._width - 2 - sum(width + 2 for width in widths[:-1]))
        parts: list[str] = []
        for (text, style), width in zip(cells, (*widths[:-1], room), strict=True):
            cut = text if len(text) <= width else text[: width - 1] + "…"
            parts.append(self._styled(f"{cut:<{width}}", style))
        self.line("  " + "  ".join(parts).rstrip())

    def _styled(self, text: str, style: Style | None) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if style and self._colored else text
