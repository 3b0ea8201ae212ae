"""Every link of every page leads somewhere; that other sites answer is not tested."""

import posixpath
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import ROOT, Page, pages, read


def faults(page: Page) -> list[str]:
    found = []
    for target, line in page.links:
        problem = fault(page.path, target)
        if problem:
            found.append(f"{page.path}:{line}: {target}: {problem}")
    return found


def fault(path: str, target: str) -> str:
    """Return what is wrong with a link of a page; empty if it is good."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        if parts.scheme not in ("http", "https") or not parts.hostname or " " in target:
            return "neither a path nor an address of http"
        return ""
    if parts.path.startswith("/"):
        return "write it from here, not from the root"
    folder = posixpath.dirname(path)
    found = posixpath.normpath(posixpath.join(folder, unquote(parts.path))) if parts.path else path
    if found.startswith("..") or not (ROOT / found).exists():
        return "there is no such file"
    if not parts.fragment:
        return ""
    if found not in pages():
        return "only pages have anchors"
    if parts.fragment not in pages()[found].anchors:
        return (
            f"no heading gives this anchor; there are {', '.join(sorted(pages()[found].anchors))}"
        )
    return ""


@pytest.mark.parametrize("path", pages())
def test_every_link_leads_somewhere(path: str):
    assert faults(pages()[path]) == []


def test_a_link_that_leads_nowhere_is_noticed():
    text = (
        "# Title\n\n[a](missing.md) [b](README.md#missing) [c](/README.md) [d](mailto:x) [e](#x)\n"
        "[fine](README.md) [too](#title) ![picture](missing.png) [twice](#title-1)\n\n## Title\n"
        "[out](../README.md) <https://example.com>\n\n[by name]: CONTRIBUTING.md\n[by name]\n"
    )
    page = read("unsaved.md", text)
    assert page.anchors == {"title", "title-1"}
    found = [one.split(": ")[1] for one in faults(page) if "#title" not in one]
    wrong = ["missing.md", "README.md#missing", "/README.md", "mailto:x", "#x", "missing.png"]
    assert found == [*wrong, "../README.md"]


def test_every_page_of_the_documentation_is_linked():
    linked = {
        posixpath.normpath(posixpath.join(posixpath.dirname(page.path), target.partition("#")[0]))
        for page in pages().values()
        for target, _ in page.links
    }
    linked |= {f"{path}/README.md" for path in linked}
    assert [path for path in pages() if path.startswith("docs/") and path not in linked] == []
