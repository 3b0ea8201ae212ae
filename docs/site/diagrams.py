"""Draws Mermaid diagrams when the site is built, so that a page needs no script."""

import html
import re
from typing import Any

import mmdr
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_WIDTH = re.compile(r"max-width:([\d.]+)px")
_SMALLEST = 0.6
_mermaid: Any = mmdr  # its types are not complete


class Diagram(SphinxDirective):
    """A block of Mermaid; one that cannot be drawn is an error that names the place."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the drawing."""
        source = "\n".join(self.content)
        try:
            drawing = _mermaid.render(source, theme="neutral").svg()
        except ValueError as error:
            raise self.error(f"this diagram cannot be drawn: {error}") from error
        number = self.env.new_serialno("diagram")
        drawing = drawing.replace("merman", f"diagram-{number}")  # ids are unique in a page
        drawing = _WIDTH.sub(_readable, drawing, count=1)
        text = html.escape(source, quote=True)
        figure = f'<figure class="diagram" aria-label="{text}">{drawing}</figure>'
        return [nodes.raw("", figure, format="html")]


def _readable(width: re.Match[str]) -> str:
    """Keep a wide drawing from shrinking until its text is too small; it scrolls instead."""
    return f"{width.group()};min-width:{float(width.group(1)) * _SMALLEST:.0f}px"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("mermaid", Diagram)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
