"""Built-in functions, one module for each family, in one table."""

from __future__ import annotations

from typing import Final

from ichor_feel.functions import (
    booleans,
    contexts,
    conversion,
    dates,
    grouping,
    json_text,
    list_changes,
    lists,
    nulls,
    numbers,
    patterns,
    ranges,
    rendering,
    rounding,
    sorting,
    statistics,
    strings,
)
from ichor_feel.functions.registry import TABLE
from ichor_feel.functions.signature import Function
from ichor_feel.syntax.names import NameTable

__all__ = ["BUILT_INS", "BUILT_IN_NAMES", "FAMILIES"]

FAMILIES: Final = (
    booleans,
    contexts,
    conversion,
    dates,
    grouping,
    json_text,
    list_changes,
    lists,
    nulls,
    numbers,
    patterns,
    ranges,
    rendering,
    rounding,
    sorting,
    statistics,
    strings,
)
"""The modules, each of which fills the table when it is imported."""
BUILT_INS: Final[dict[str, Function]] = TABLE
"""Every built-in function by its name."""
BUILT_IN_NAMES: Final = NameTable(TABLE)
"""Those of several words, as the parser looks them up."""
