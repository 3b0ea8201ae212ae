"""Character classes of XPath's regular expressions, as sets of ranges of code points."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Final

Ranges = tuple[tuple[int, int], ...]
"""Ranges of code points, both ends included, ascending and apart."""

LAST: Final = 0x10FFFF
# Nothing is assigned between the ideographs and the tags, nor beyond those but for private use.
_ASSIGNED: Final = ((0, 0x33FFF), (0xE0000, 0xE01FF))
BLOCKS: Final[dict[str, tuple[int, int]]] = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "SpacingModifierLetters": (0x02B0, 0x02FF),
    "CombiningDiacriticalMarks": (0x0300, 0x036F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Thai": (0x0E00, 0x0E7F),
    "Georgian": (0x10A0, 0x10FF),
    "HangulJamo": (0x1100, 0x11FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "MiscellaneousTechnical": (0x2300, 0x23FF),
    "BoxDrawing": (0x2500, 0x257F),
    "BlockElements": (0x2580, 0x259F),
    "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF),
    "Dingbats": (0x2700, 0x27BF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUse": (0xE000, 0xF8FF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
_NAME_START: Final = (
    (0x3A, 0x3A),
    (0x41, 0x5A),
    (0x5F, 0x5F),
    (0x61, 0x7A),
    (0xC0, 0xD6),
    (0xD8, 0xF6),
    (0xF8, 0x2FF),
    (0x370, 0x37D),
    (0x37F, 0x1FFF),
    (0x200C, 0x200D),
    (0x2070, 0x218F),
    (0x2C00, 0x2FEF),
    (0x3001, 0xD7FF),
    (0xF900, 0xFDCF),
    (0xFDF0, 0xFFFD),
    (0x10000, 0xEFFFF),
)
_NAME_MORE: Final = ((0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))
_SPACE: Final = ((0x9, 0xA), (0xD, 0xD), (0x20, 0x20))


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Ranges in any order, in order and apart."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = result[-1][0], max(high, result[-1][1])
        else:
            result.append((low, high))
    return tuple(result)


def complement(ranges: Ranges) -> Ranges:
    """All code points outside."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if low > start:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        gaps.append((start, LAST))
    return tuple(gaps)


def without(one: Ranges, other: Ranges) -> Ranges:
    """The code points of one that are not in the other."""
    return complement(merged((*complement(one), *other)))


@lru_cache(maxsize=1)
def _categories() -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for low, high in _ASSIGNED:
        points = range(low, high + 1)
        for name, run in groupby(points, key=lambda point: unicodedata.category(chr(point))):
            members = list(run)
            found.setdefault(name, []).append((members[0], members[-1]))
    found.setdefault("Co", []).extend([(0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)])
    return found


@lru_cache(maxsize=64)
def category(name: str) -> Ranges | None:
    """Code points of a general category, as ``Lu`` or ``L``; None for unknown ones."""
    parts = [ranges for key, ranges in _categories().items() if key.startswith(name)]
    if not parts or not 1 <= len(name) <= 2:
        return None
    return merged(one for ranges in parts for one in ranges)


def property_ranges(name: str) -> Ranges | None:
    """Code points of ``\\p{name}``: a category or, after ``Is``, a block."""
    if name.startswith("Is"):
        block = BLOCKS.get(name[2:])
        return None if block is None else (block,)
    return category(name)


def escape_ranges(letter: str) -> Ranges | None:
    """Code points of ``\\d`` and the like, capitals for all others; None for unknown letters."""
    match letter.lower():
        case "d":
            found = category("Nd")
        case "s":
            found = _SPACE
        case "w":
            outside = [category(name) for name in "PZC"]
            found = complement(merged(one for ranges in outside for one in ranges or ()))
        case "i":
            found = _NAME_START
        case "c":
            found = merged((*_NAME_START, *_NAME_MORE))
        case _:
            return None
    assert found is not None
    return found if letter.islower() else complement(found)


@lru_cache(maxsize=1)
def _variants() -> dict[int, tuple[int, ...]]:
    """Of each letter that has cases, the other ones it is equal to without regard to case."""
    alike: dict[str, list[int]] = {}
    for low, high in _ASSIGNED[:1]:
        for point in range(low, min(high, 0x1FFFF) + 1):
            letter = chr(point)
            # Surrogates and most of the rest have no case.
            if letter.lower() != letter or letter.upper() != letter:
                alike.setdefault(letter.casefold(), []).append(point)
    return {
        point: tuple(other for other in points if other != point)
        for points in alike.values()
        if len(points) > 1
        for point in points
    }


def with_variants(ranges: Ranges) -> Ranges:
    """The code points together with their other cases."""
    more = [
        (other, other)
        for point, others in _variants().items()
        if any(low <= point <= high for low, high in ranges)
        for other in others
    ]
    return merged((*ranges, *more))


def as_class(ranges: Ranges) -> str:
    """The ranges as a class of RE2, in which case counts; none match nothing."""
    if not ranges:
        return r"[^\x{0}-\x{10FFFF}]"
    inner = "".join(
        f"\\x{{{low:X}}}" if low == high else f"\\x{{{low:X}}}-\\x{{{high:X}}}"
        for low, high in ranges
    )
    return f"(?-i:[{inner}])"
