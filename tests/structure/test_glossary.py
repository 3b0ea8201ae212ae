"""Every word of a name that users see stands in the glossary, or is plain English.

Names: wire fields, settings, metrics, tables and columns, log keys. A word that the glossary
replaces by another one ("not: …") stands in none of them.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.structure.kit import names
from tests.structure.kit.source import ROOT

KINDS: list[Callable[[], Iterator[tuple[str, str]]]] = [
    names.wire_fields,
    names.settings,
    names.metrics,
    names.columns,
    names.log_keys,
]
PLAIN = ROOT / "tests" / "structure" / "plain_words.txt"
GLOSSARY = ROOT / "docs" / "glossary.md"
_ROW = re.compile(r"\| \*\*(?P<terms>.+?)\*\* \| (?P<meaning>.+?) \|(?: (?P<instead>.*?) \|)?$")


@cache
def rows() -> list[re.Match[str]]:
    found = [row for line in GLOSSARY.read_text().splitlines() if (row := _ROW.match(line))]
    assert len(found) > 50
    return found


@cache
def glossary() -> set[str]:
    """Return each word of the glossary's terms."""
    return {word for row in rows() for word in re.split(r"[ ,-]+", row["terms"].lower())}


@cache
def replaced() -> dict[str, str]:
    """Return each word that a term replaces, with the term."""
    return {
        word: row["terms"] for row in rows() for word in re.findall(r"[a-z]+", row["instead"] or "")
    }


def plain_words() -> list[str]:
    return PLAIN.read_text().split()


def words_of(name: str) -> list[str]:
    return re.findall(r"[a-z]+", name.lower().removeprefix("ichor."))


def singular(word: str) -> str:
    for ending, instead in (("ies", "y"), ("ches", "ch"), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending) + instead
    return word


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_word_is_known(kind):
    found = list(kind())
    assert len(found) > 10
    known = {*glossary(), *plain_words()}
    unknown = {
        f"{word} ({name} in {place})"
        for name, place in found
        for word in words_of(name)
        if not {word, singular(word)} & known
    }
    assert not unknown, f"explain it in {GLOSSARY.name}, or add it to {PLAIN.name}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_word_stands_where_the_glossary_has_another(kind):
    wrong = {
        f"{name} in {place}: say {replaced()[word]}"
        for name, place in kind()
        for word in words_of(name)
        if word in replaced()
    }
    assert not wrong


def test_plain_words_are_used_and_in_order():
    used = {
        each
        for kind in KINDS
        for name, _ in kind()
        for word in words_of(name)
        for each in (word, singular(word))
    }
    words = plain_words()
    assert words == sorted(set(words))
    assert [word for word in words if word not in used or word in glossary()] == []
