"""Definition of an action type: base class, specification, schemas of config and result."""

from ichor_actions.definition.action import Action
from ichor_actions.definition.docstrings import field_docstrings, property_docstrings, structs_in
from ichor_actions.definition.spec import ActionSpec, StructType

__all__ = [
    "Action",
    "ActionSpec",
    "StructType",
    "field_docstrings",
    "property_docstrings",
    "structs_in",
]
