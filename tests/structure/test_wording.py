"""Prose is understood at first reading: begin with the noun or the verb, use the usual word.

The rule stands in CONTRIBUTING.md.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.docs.pages import ROOT, pages
from tests.structure.kit.source import modules, tree

WORDS = {
    "anew": "again",
    "but for": "except",
    "mend": "fix",
    "mends": "fixes",
    "mended": "fixed",
    "mending": "fixing",
    "whoever": "each person who, users who",
    "goes round": "has a cycle",
    "again and again": "say how often",
}
"""Words that a first reader stumbles over, and the usual ones."""
_WORD = re.compile(rf"\b({'|'.join(map(re.escape, WORDS))})\b", re.IGNORECASE)
_SUBJECT = re.compile(
    r"(What|How|Whose|Whom|From whom|Of that|Under which|Through which)\b(?!.*\?)"
)
"""Beginnings of sentences that have neither noun nor verb in front."""
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def docstrings(module: str) -> Iterator[tuple[str, int]]:
    """Yield each docstring, of attributes too, and its line."""
    for node in ast.walk(tree(module)):
        body = getattr(node, "body", None)
        for one in body if isinstance(body, list) else []:
            value = one.value if isinstance(one, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value, one.lineno


def texts(module: str) -> Iterator[tuple[str, int]]:
    """Yield each text of the code: docstrings, messages, log events, descriptions."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


@pytest.mark.parametrize("module", [one for one in modules() if not one.startswith("ichor_feel")])
def test_texts_of_code(module: str):
    odd = [
        f"{line}: {found[0]!r}: say {WORDS[found[0].lower()]!r}"
        for text, line in texts(module)
        if (found := _WORD.search(_CODE.sub("", text)))
    ]
    odd += [
        f"{line}: begins with {found[0]!r}"
        for text, line in docstrings(module)
        if (found := _SUBJECT.match(text.strip().split(". ")[0]))
    ]
    assert not odd, "\n".join(odd)


@pytest.mark.parametrize(
    "path", [one for one in pages() if not one.startswith(("docs/decisions", "CHANGELOG"))]
)
def test_pages(path: str):
    prose = _CODE.sub("", (ROOT / path).read_text())
    odd = {f"{found[0]!r}: say {WORDS[found[0].lower()]!r}" for found in _WORD.finditer(prose)}
    odd |= {line for line in prose.splitlines() if re.match(r"#+ (What|How) (?!to\b).*[^?]$", line)}
    assert not odd
