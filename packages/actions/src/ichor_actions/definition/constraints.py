"""Constraints: JSON Schemas that a config as a whole must fit, in addition to its fields.

Users are shown `errorMessage`; without it, the schema that did not fit.
"""

from typing import Any

Constraint = dict[str, Any]
"""A JSON Schema that every config must fit; its ``$defs`` join those of the config."""


def given(*names: str) -> Constraint:
    """Require these fields, not null."""
    return {
        "required": list(names),
        "properties": {name: {"not": {"type": "null"}} for name in names},
    }


def one_of(message: str, *constraints: Constraint) -> Constraint:
    """Require exactly one of these."""
    return {"oneOf": list(constraints), "errorMessage": message}


def any_of(message: str, *constraints: Constraint) -> Constraint:
    """Require at least one of these."""
    return {"anyOf": list(constraints), "errorMessage": message}
