"""Names in their places: variables, entries, arguments; and where an interval may end."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Final

from ichor_feel.source import Span
from ichor_feel.syntax import tree
from ichor_feel.syntax.escapes import unescape
from ichor_feel.syntax.names import KEYWORDS, NameTable, is_part, join
from ichor_feel.syntax.stream import TokenStream
from ichor_feel.syntax.tokens import Kind

# Built-in properties of more than one word.
_PROPERTIES: Final = NameTable(("time offset", "start included", "end included"))


class PhraseParser(TokenStream):
    """Reads names; what it declares is known for the rest of the text."""

    def __init__(
        self,
        text: str,
        built_in: NameTable,
        variables: Iterable[str] = (),
        members: Iterable[str] = (),
        types: Iterable[str] = (),
    ) -> None:
        super().__init__(text)
        self._built_in = built_in
        self._variables = NameTable(variables)
        self._members = NameTable(members)
        self._within_filters = 0
        self.type_names = NameTable(types)
        self.in_interval = False

    @contextmanager
    def inside_filter(self) -> Generator[None]:
        """Within the brackets of a filter, where the entries of the items are names too."""
        self._within_filters += 1
        with self.outside_interval():
            yield
        self._within_filters -= 1

    @contextmanager
    def maybe_interval(self) -> Generator[None]:
        """Where ``[`` may close an interval."""
        before, self.in_interval = self.in_interval, True
        yield
        self.in_interval = before

    @contextmanager
    def outside_interval(self) -> Generator[None]:
        """Where ``[`` begins a filter."""
        before, self.in_interval = self.in_interval, False
        yield
        self.in_interval = before

    def known_name(self) -> tree.Name | None:
        """The longest known name of several words at this place."""
        found = self._longest(self._built_in, self._variables)
        if self._within_filters:
            member = self._longest(self._members)
            if member and (found is None or member[1] > found[1]):
                found = member
        if found is None:
            return None
        start = self.current.start
        self.position += found[1]
        return tree.Name(found[0], span=self.span_from(start))

    def known_names(self) -> list[str]:
        """All names of several words that are known."""
        return [*self._variables.known, *self._built_in.known]

    def member_name(self) -> str:
        """A name after a point."""
        if found := self._longest(_PROPERTIES, self._members, self._variables):
            self.position += found[1]
            return found[0]
        token = self.current
        if token.kind is Kind.QUOTED:
            return self.take().text[1:-1]
        if token.kind is Kind.NAME:
            return self.take().text
        raise self.unexpected("a name", after="'.'")

    def _longest(self, *tables: NameTable) -> tuple[str, int] | None:
        found = [one for table in tables if (one := table.match(self.tokens, self.position))]
        return max(found, key=lambda one: one[1]) if found else None

    def declared_name(self, *until: str) -> str:
        """The name of a loop variable or parameter, which ends before one of these."""
        if self.current.kind is Kind.QUOTED:
            name = self.take().text[1:-1]
        else:
            start = self.position
            while is_part(self.current) and not (self.position > start and self.at(*until)):
                self.take()
            taken = self.tokens[start : self.position]
            if not taken or taken[0].kind is not Kind.NAME or taken[0].text in KEYWORDS:
                self.position = start
                raise self.unexpected("a name")
            name = join(taken)
        self._variables.add(name)
        return name

    def argument_name(self) -> str | None:
        """``name:`` before an argument, if it has one."""
        if self.current.kind is Kind.QUOTED and self.peek().text == ":":
            name = self.take().text[1:-1]
            self.take()
            return name
        end = self.position
        while is_part(self.tokens[end]):
            end += 1
        if end == self.position or self.tokens[end].text != ":":
            return None
        name = join(self.tokens[self.position : end])
        self.position = end + 1
        return name

    def entry_key(self) -> tuple[str, Span]:
        """The key of an entry: a name or a text."""
        token = self.current
        if token.kind is Kind.STRING:
            self.take()
            key = unescape(token.text[1:-1])
        elif token.kind is Kind.QUOTED:
            key = self.take().text[1:-1]
        else:
            start = self.position
            while is_part(self.current):
                self.take()
            if start == self.position or token.kind is not Kind.NAME:
                self.position = start
                raise self.unexpected("a key", "'}'")
            key = join(self.tokens[start : self.position])
        self._members.add(key)
        self._variables.add(key)
        return key, self.span_from(token.start)
