"""Templates, conditions and the context that they read."""

from ichor_core.expressions.condition import (
    ALWAYS,
    Comparison,
    Condition,
    Group,
    evaluate,
    lookup_in,
    parse_condition,
)
from ichor_core.expressions.condition_fields import check_fields, comparisons
from ichor_core.expressions.context import MergedContext
from ichor_core.expressions.filters import render_text
from ichor_core.expressions.syntax import is_template
from ichor_core.expressions.template import context_lookup, resolve

__all__ = [
    "ALWAYS",
    "Comparison",
    "Condition",
    "Group",
    "MergedContext",
    "check_fields",
    "comparisons",
    "context_lookup",
    "evaluate",
    "is_template",
    "lookup_in",
    "parse_condition",
    "render_text",
    "resolve",
]
