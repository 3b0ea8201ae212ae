"""Links to folders lead to their README; where there is none, only the text stays."""

import posixpath
import re
from pathlib import Path

from sphinx.application import Sphinx

_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)#:\s]+)\)")


def lead_to_readmes(app: Sphinx, page: str, source: list[str]) -> None:
    """Change the links of a page as it is read."""

    def change(link: re.Match[str]) -> str:
        text, target = link.groups()
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        if not (Path(app.srcdir) / folder).is_dir():
            return link.group()
        if f"{folder}/README" in app.env.found_docs:
            return f"[{text}]({target.rstrip('/')}/README.md)"
        return text

    source[0] = _LINK.sub(change, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the change."""
    app.connect("source-read", lead_to_readmes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
