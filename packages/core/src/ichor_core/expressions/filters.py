"""The filters of templates: pure functions of a value and literal arguments."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, NamedTuple, cast

from ichor_core import exact_json
from ichor_core.errors import TemplateError
from ichor_core.expressions.kinds import exact_number, is_number, kind_of
from ichor_core.expressions.paths import MISSING
from ichor_core.expressions.rendering import render_text

ROUND_PRECISION = 2200
"""Most digits of a number that `round` takes."""


def _default(value: Any, fallback: Any) -> Any:
    return fallback if value is MISSING or value is None else value


def _text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict | list):
        raise TemplateError(f"{name} needs text, not {kind_of(value)}")
    return render_text(value)


def _list(value: Any, name: str) -> Sequence[Any]:
    if isinstance(value, list | str):
        return cast(Sequence[Any], value)
    raise TemplateError(f"{name} needs a list or text, not {kind_of(value)}")


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
        raise TemplateError(f"join needs a list, not {kind_of(value)}")
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
    if not is_number(value):
        raise TemplateError(f"round needs a number, not {kind_of(value)}")
    exact = Decimal(exact_number(value))
    places = min(digits, 20)
    # The default context would round numbers of more than 28 digits.
    context = Context(prec=ROUND_PRECISION, rounding=ROUND_HALF_UP)
    try:
        rounded = exact.quantize(Decimal(1).scaleb(-places), context=context)
    except InvalidOperation as error:
        raise TemplateError(
            f"round takes a number of at most {ROUND_PRECISION - 20} digits"
        ) from error
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
            raise TemplateError(
                f"date does not support %{code}; supported: {' '.join(_DIRECTIVES)}"
            )
        pieces.append(moment.strftime(f"%{code}"))
        position += 2
    return "".join(pieces)


def _moment(value: Any) -> datetime:
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip())
        if is_number(value):
            return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TemplateError(f"date cannot read {render_text(value)[:40]!r}") from error
    raise TemplateError(f"date needs an ISO 8601 date or seconds since 1970, not {kind_of(value)}")


class _Filter(NamedTuple):
    apply: Callable[..., Any]
    least: int
    """Fewest arguments that it takes."""
    types: tuple[type[Any] | tuple[type[Any], ...], ...]
    """Types of the arguments, in order; their number is the most that it takes."""


_ANYTHING = (str, int, float, bool, list, dict, Decimal, type(None))

FILTERS: Mapping[str, _Filter] = {
    "default": _Filter(_default, 1, (_ANYTHING,)),
    "upper": _Filter(_upper, 0, ()),
    "lower": _Filter(_lower, 0, ()),
    "trim": _Filter(_trim, 0, ()),
    "truncate": _Filter(_truncate, 0, (int, str)),
    "join": _Filter(_join, 0, (str,)),
    "first": _Filter(_first, 0, ()),
    "last": _Filter(_last, 0, ()),
    "length": _Filter(_length, 0, ()),
    "round": _Filter(_round, 0, (int,)),
    "json": _Filter(_json, 0, ()),
    "date": _Filter(_date, 0, (str,)),
}


def check_filter(name: str, arguments: Sequence[Any]) -> str | None:
    """Return the message for a filter or arguments that do not fit, or None."""
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
