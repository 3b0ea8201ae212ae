"""The filters of templates: pure functions of a value and literal arguments."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final, NamedTuple, cast

from ichor_core import exact_json
from ichor_core.errors import TemplateError


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


ROUND_PRECISION = 2200

MISSING: Final = _Missing()
"""Stands for a reference that found nothing; only `default` accepts it."""


def render_text(value: Any) -> str:
    """Return a value as text: JSON for objects and lists, plain decimal notation for numbers.

    Null is the empty text.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(Decimal(value)) if value.bit_length() > 10_000 else str(value)
    if isinstance(value, float):
        return _plain(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return _plain(value)
    return exact_json.encode(value).decode()


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.removesuffix(".0")


def _default(value: Any, fallback: Any) -> Any:
    return fallback if value is MISSING or value is None else value


def _text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict | list):
        raise TemplateError(f"{name} needs text, not {_kind(value)}")
    return render_text(value)


def _list(value: Any, name: str) -> Sequence[Any]:
    if isinstance(value, list | str):
        return cast(Sequence[Any], value)
    raise TemplateError(f"{name} needs a list or text, not {_kind(value)}")


def _upper(value: Any) -> str:
    return _text(value, "upper").upper()


def _lower(value: Any) -> str:
    return _text(value, "lower").lower()


def _trim(value: Any) -> str:
    return _text(value, "trim").strip()


def _json(value: Any) -> str:
    return exact_json.encode(value).decode()


def _truncate(value: Any, length: int = 80, ending: str = "…") -> str:
    text = _text(value, "truncate")
    if len(text) <= length:
        return text
    return text[: max(0, length - len(ending))] + ending[:length]


def _join(value: Any, separator: str = ", ") -> str:
    if not isinstance(value, list):
        raise TemplateError(f"join needs a list, not {_kind(value)}")
    return separator.join(render_text(item) for item in cast(list[Any], value))


def _first(value: Any) -> Any:
    items = _list(value, "first")
    return items[0] if items else None


def _last(value: Any) -> Any:
    items = _list(value, "last")
    return items[-1] if items else None


def _length(value: Any) -> int:
    if isinstance(value, dict):
        return len(cast(dict[str, Any], value))
    return len(_list(value, "length"))


def _round(value: Any, digits: int = 0) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TemplateError(f"round needs a number, not {_kind(value)}")
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    places = min(digits, 20)
    # The default context would round numbers of more than 28 digits.
    context = Context(prec=ROUND_PRECISION, rounding=ROUND_HALF_UP)
    rounded = exact.quantize(Decimal(1).scaleb(-places), context=context)
    return int(rounded) if places == 0 else rounded


# Only these; the width and flags that some C libraries accept would let a template grow at will.
_DIRECTIVES = "YmdHMSyjIpzBbAa%"


def _date(value: Any, pattern: str = "%Y-%m-%d") -> str:
    moment = _moment(value)
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        if pattern[position] != "%":
            pieces.append(pattern[position])
            position += 1
            continue
        code = pattern[position + 1 : position + 2]
        if not code or code not in _DIRECTIVES:
            raise TemplateError(f"date knows no %{code}; it knows {' '.join(_DIRECTIVES)}")
        pieces.append(moment.strftime(f"%{code}"))
        position += 2
    return "".join(pieces)


def _moment(value: Any) -> datetime:
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip())
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TemplateError(f"date cannot read {render_text(value)[:40]!r}") from error
    raise TemplateError(f"date needs an ISO 8601 date or seconds since 1970, not {_kind(value)}")


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names: dict[type[Any], str] = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "a boolean",
    }
    return names.get(cast(type[Any], type(value)), "a number")


class _Spec(NamedTuple):
    apply: Callable[..., Any]
    least: int
    types: tuple[type[Any] | tuple[type[Any], ...], ...]
    """The types of the arguments; there may be no more than these."""


_ANYTHING = (str, int, float, bool, list, dict, Decimal, type(None))

FILTERS: Mapping[str, _Spec] = {
    "default": _Spec(_default, 1, (_ANYTHING,)),
    "upper": _Spec(_upper, 0, ()),
    "lower": _Spec(_lower, 0, ()),
    "trim": _Spec(_trim, 0, ()),
    "truncate": _Spec(_truncate, 0, (int, str)),
    "join": _Spec(_join, 0, (str,)),
    "first": _Spec(_first, 0, ()),
    "last": _Spec(_last, 0, ()),
    "length": _Spec(_length, 0, ()),
    "round": _Spec(_round, 0, (int,)),
    "json": _Spec(_json, 0, ()),
    "date": _Spec(_date, 0, (str,)),
}


def check_filter(name: str, arguments: Sequence[Any]) -> str | None:
    """Return what is wrong with a filter and its arguments, or None."""
    spec = FILTERS.get(name)
    if spec is None:
        return f"unknown filter {name!r}; known: {', '.join(FILTERS)}"
    if not spec.least <= len(arguments) <= len(spec.types):
        need = f"{spec.least} to {len(spec.types)}" if spec.types else "no"
        return f"{name} takes {need} arguments, written {name}: value, not {len(arguments)}"
    for argument, expected in zip(arguments, spec.types, strict=False):
        if not isinstance(argument, expected) or (expected is int and isinstance(argument, bool)):
            return f"{name} cannot take {render_text(argument)!r}"
        if expected is int and not 0 <= argument <= 1_000_000:
            return f"{name} takes a number from 0 to 1000000"
    return None


def apply_filter(name: str, value: Any, arguments: Sequence[Any]) -> Any:
    """Return the filtered value.

    Raises:
        TemplateError: the filter does not fit the value.
    """
    return FILTERS[name].apply(value, *arguments)
