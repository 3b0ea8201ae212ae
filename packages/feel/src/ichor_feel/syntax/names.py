"""Names of several words: which sequences of tokens are one name.

The standard lets names hold spaces and some signs (``Monthly Salary``, ``a-b``), so that only who
knows the names can read a text. Known are the built-in functions, the names given to `parse`, and
those that the text itself declares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from ichor_feel.errors import ParseError
from ichor_feel.syntax.tokens import WHITESPACE, Kind, Token, tokenize

KEYWORDS: Final = frozenset(
    {"and", "between", "else", "every", "false", "for", "function", "if", "in", "instance"}
    | {"null", "or", "return", "satisfies", "some", "then", "true"}
)
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
_SPACES: Final = re.compile(f"[{WHITESPACE}]+")
_SIGNS: Final = frozenset("./-'+*") | {"**", ".."}
# A context that is given as a source of names is looked at so far.
_MAX_LOOKED_AT: Final = 10_000
_MAX_LIST_ITEMS: Final = 100

_NAME_KINDS: Final = (Kind.NAME, Kind.NUMBER)


def is_plain(name: str) -> bool:
    """Whether a name needs neither backticks nor to be known."""
    return _PLAIN.match(name) is not None and name not in KEYWORDS


def normalize(name: str) -> str:
    """The name with each run of white space as one space."""
    return _SPACES.sub(" ", name).strip()


def join(tokens: Sequence[Token]) -> str:
    """The name that tokens spell."""
    return "".join(
        (" " if token.spaced and place else "") + token.text for place, token in enumerate(tokens)
    )


@dataclass(slots=True)
class _Branch:
    """Names that begin alike: the one that ends here, and how the others go on."""

    name: str | None = None
    following: dict[str, _Branch] = field(default_factory=dict[str, "_Branch"])


class NameTable:
    """Names that are more than one token; the longest one that fits wins."""

    __slots__ = ("_known", "_root")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._root = _Branch()
        self._known: set[str] = set()
        for name in names:
            self.add(name)

    @property
    def known(self) -> list[str]:
        """The names, sorted."""
        return sorted(self._known)

    def add(self, name: str) -> None:
        """Know a name; one that is a single word, or that no tokens can spell, needs no place."""
        if name in self._known or _PLAIN.match(name):
            return
        self._known.add(name)
        try:
            tokens = tokenize(name)[:-1]
        except ParseError:
            return  # only backticks can say it
        if len(tokens) < 2 or not all(is_part(one) for one in tokens):
            return
        branch = self._root
        for token in tokens:
            branch = branch.following.setdefault(token.text, _Branch())
        branch.name = branch.name or name

    def match(self, tokens: Sequence[Token], position: int) -> tuple[str, int] | None:
        """The longest name that begins at a position, and how many tokens it takes.

        White space between the tokens does not matter, as the standard has it: to subtract where
        ``a-b`` is a name, write ``(a) - b``.
        """
        found: tuple[str, int] | None = None
        branch = self._root
        for place in range(position, len(tokens)):
            following = branch.following.get(tokens[place].text)
            if following is None:
                break
            branch = following
            if branch.name is not None:
                found = branch.name, place - position + 1
        return found


def is_part(token: Token) -> bool:
    """Whether a token can be part of a name."""
    return token.kind in _NAME_KINDS or (token.kind is Kind.SIGN and token.text in _SIGNS)


def names_of(source: Iterable[str] | Mapping[str, object]) -> tuple[frozenset[str], frozenset[str]]:
    """Names that need to be known: of variables, and of entries at any depth.

    Plain ones are left out. A mapping is a context: its keys are variables, and the keys of what it
    holds are entries, looked at up to a bound.
    """
    if not isinstance(source, Mapping):
        found = frozenset(normalize(one) for one in source if not _PLAIN.match(one))
        return found, found
    context = cast("Mapping[str, object]", source)
    variables = frozenset(normalize(one) for one in context if not _PLAIN.match(one))
    return variables, _keys_within(context)


def _keys_within(context: Mapping[str, object]) -> frozenset[str]:
    found: set[str] = set()
    waiting: list[object] = [context]
    looked_at = 0
    while waiting and looked_at < _MAX_LOOKED_AT:
        looked_at += 1
        one = waiting.pop()
        if isinstance(one, Mapping):
            entries = cast("Mapping[object, object]", one)
            for key, value in entries.items():
                if isinstance(key, str) and not _PLAIN.match(key):
                    found.add(normalize(key))
                if isinstance(value, Mapping | list | tuple):
                    waiting.append(cast("object", value))
        elif isinstance(one, list | tuple):
            waiting.extend(cast("Sequence[object]", one)[:_MAX_LIST_ITEMS])
    return frozenset(found)
