"""Expressions: templates, conditions, paths, and the context that they read."""

from ichor_core.expressions.comparison import Budget, condition_holds, is_equal
from ichor_core.expressions.condition import (
    ALWAYS,
    NEGATED_OPERATORS,
    OPERATORS,
    WITHOUT_VALUE,
    Comparison,
    Condition,
    Group,
    Operator,
    check_fields,
    comparisons,
    parse_condition,
)
from ichor_core.expressions.context import MergedContext
from ichor_core.expressions.kinds import exact_number, is_number, kind_of
from ichor_core.expressions.paths import Lookup, lookup_in
from ichor_core.expressions.rendering import render_text
from ichor_core.expressions.syntax import is_template
from ichor_core.expressions.template import context_lookup, resolve_templates

__all__ = [
    "ALWAYS",
    "NEGATED_OPERATORS",
    "OPERATORS",
    "WITHOUT_VALUE",
    "Budget",
    "Comparison",
    "Condition",
    "Group",
    "Lookup",
    "MergedContext",
    "Operator",
    "check_fields",
    "comparisons",
    "condition_holds",
    "context_lookup",
    "exact_number",
    "is_equal",
    "is_number",
    "is_template",
    "kind_of",
    "lookup_in",
    "parse_condition",
    "render_text",
    "resolve_templates",
]
