"""What JSON Schema can say of a config as a whole, in addition to its fields.

`errorMessage` is what the user is told; without it a validator says which schema did not fit.
"""

from typing import Any

Rule = dict[str, Any]
"""A JSON Schema that every config must fit; its ``$defs`` join those of the config."""


def given(*names: str) -> Rule:
    """Return the rule that these fields are there, and not null."""
    return {
        "required": list(names),
        "properties": {name: {"not": {"type": "null"}} for name in names},
    }


def one_of(message: str, *rules: Rule) -> Rule:
    """Return the rule that exactly one of these holds."""
    return {"oneOf": list(rules), "errorMessage": message}


def any_of(message: str, *rules: Rule) -> Rule:
    """Return the rule that at least one of these holds."""
    return {"anyOf": list(rules), "errorMessage": message}
