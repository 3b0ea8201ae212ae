"""Text in double quotes inside an expression: where it ends, and what it says."""

from collections.abc import Iterator
from typing import Any

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError, TemplateError


def end_of_string(text: str, start: int) -> int:
    """Return the position after the quoted text that begins at `start`.

    Raises:
        TemplateError: the closing quote is missing.
    """
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == '"':
            return position + 1
        else:
            position += 1
    raise TemplateError(f"the quoted text {text[start : start + 40]} never ends")


def split_outside_quotes(text: str, separator: str) -> Iterator[str]:
    """Yield the pieces between separators, passing over those in quoted text."""
    start = position = 0
    while position < len(text):
        if text[position] == '"':
            position = end_of_string(text, position)
            continue
        if text[position] == separator:
            yield text[start:position]
            start = position + 1
        position += 1
    yield text[start:]


def read_literal(text: str, source: str) -> Any:
    """Return the value of a literal in the expression `source`.

    Raises:
        TemplateError: the text is not JSON.
    """
    try:
        return exact_json.decode(text)
    except ExactJsonError as error:
        raise TemplateError(
            f"'{{{{{source.strip()}}}}}': {text or 'nothing'} is not a literal; write text in "
            "double quotes, a number, true, false or null"
        ) from error
