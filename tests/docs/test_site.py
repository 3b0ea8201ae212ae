"""The site is built without a warning, holds together, and needs nothing from elsewhere."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import ROOT, pages


class Document(HTMLParser):
    """What a page of the site refers to, and which ids it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ("script", "img", "iframe", "source") and "src" in given:
            self.loaded.append(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.append(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    command += [
        "--conf-dir",
        "docs/site",
        "--doctree-dir",
        folder / "doctrees",
        ".",
        folder / "html",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def documents(site: Path) -> dict[Path, Document]:
    return {path: Document(path.read_text()) for path in site.rglob("*.html")}


def test_every_page_is_there(site: Path):
    for path in pages():
        assert (site / path).with_suffix(".html").exists(), path
    assert "docs/README.html" in (site / "index.html").read_text()


def test_nothing_comes_from_elsewhere(documents: dict[Path, Document]):
    loaded = {target for document in documents.values() for target in document.loaded}
    assert len(loaded) > 5
    assert [target for target in loaded if urlsplit(target).netloc] == []


def test_every_link_leads_somewhere(documents: dict[Path, Document]):
    wrong = []
    for path, document in documents.items():
        for link in document.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                wrong.append((path.name, link))
            elif parts.fragment and target.suffix == ".html":
                ids = documents[target].ids
                if unquote(parts.fragment) not in ids:
                    wrong.append((path.name, link))
    assert wrong == []


def test_diagrams_are_drawn(site: Path):
    for path, page in pages().items():
        text = (site / path).with_suffix(".html").read_text()
        drawn = sum(1 for fence in page.fences if fence.language == "mermaid")
        assert text.count('<figure class="diagram"') == drawn, path
    assert (site / "docs/architecture.html").read_text().count("<figure") > 3
