"""The order of pages beside each page; it stands here since Markdown has no words for it."""

from collections.abc import Mapping, Sequence

from sphinx.application import Sphinx

_PARTS: Mapping[str, Sequence[str]] = {
    "Begin": ("README", "docs/architecture", "docs/glossary"),
    "Rules": ("docs/semantics", "docs/templates", "docs/conditions", "docs/approvals"),
    "How to": ("docs/how-to/README",),
    "Operate": ("docs/operations", "infra/README", "docs/tracing", "docs/metrics"),
    "Reference": (
        "docs/reference/configuration",
        "docs/reference/cli",
        "docs/reference/http",
        "docs/reference/action-types",
        "docs/reference/python",
        "docs/reference/feel-functions",
        "docs/messages",
    ),
    "Change": (
        "CONTRIBUTING",
        "docs/where-things-are",
        "docs/decisions/README",
        "docs/benchmarks",
        "docs/chaos",
        "CHANGELOG",
    ),
    "Packages": ("packages/*/README", "services/*/README"),
    "Examples": ("examples/*/README", "tests/conformance/README"),
}
_BELOW: Mapping[str, Sequence[str]] = {
    "docs/how-to/README": ("docs/how-to/*",),
    "docs/decisions/README": ("docs/decisions/0*",),
    "infra/README": ("infra/*/README",),
}


def add_contents(_app: Sphinx, page: str, source: list[str]) -> None:
    """Append the list of what stands below a page."""
    if page == "docs/README":
        source[0] += "".join(_contents(*part) for part in _PARTS.items())
    elif page in _BELOW:
        source[0] += _contents("", _BELOW[page])


def _contents(caption: str, pages: Sequence[str]) -> str:
    options = [":hidden:", ":glob:", *([f":caption: {caption}"] if caption else [])]
    lines = ["```{toctree}", *options, "", *(f"/{page}" for page in pages), "```"]
    return "\n\n" + "\n".join(lines) + "\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the lists."""
    app.connect("source-read", add_contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
