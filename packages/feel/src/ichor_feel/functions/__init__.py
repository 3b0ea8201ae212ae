"""Built-in functions, one module for each family, in one table."""

from __future__ import annotations

from typing import Final

from ichor_feel.functions import (  # noqa: F401 - each fills the table
    booleans,
    contexts,
    conversion,
    dates,
    grouping,
    json_text,
    lists,
    nulls,
    numbers,
    ranges,
    rendering,
    rounding,
    sorting,
    statistics,
    strings,
    patterns,
)
from ichor_feel.functions.registry import TABLE
from ichor_feel.functions.signature import Function
from ichor_feel.syntax.names import NameTable

BUILT_INS: Final[dict[str, Function]] = TABLE
"""Every built-in function by its name."""
BUILT_IN_NAMES: Final = NameTable(TABLE)
"""Those of several words, as the parser looks them up."""
