"""Constraints on configs that name tables and columns."""

import re
from collections.abc import Callable, Mapping

from ichor_actions.definition.constraints import Constraint
from ichor_actions.resources import WritableTable

Tables = Mapping[str, WritableTable] | None


def create_constraints(tables: Tables) -> tuple[Constraint, ...]:
    """Return the constraints for `create_record`; none where the tables are not known."""
    return _constraints(tables, lambda _, table: {"values": {"propertyNames": _column(table)}})


def update_constraints(tables: Tables) -> tuple[Constraint, ...]:
    """Return the constraints for `update_field`; none where the tables are not known."""
    return _constraints(
        tables,
        lambda number, table: {
            "field": {"anyOf": [_column(table), {"type": "null"}]},
            "changes": {"propertyNames": _column(table)},
            "where": {"$ref": f"#/$defs/{_where_name(number)}"},
        },
    )


def _constraints(
    tables: Tables, fields_of: Callable[[int, WritableTable], dict[str, Constraint]]
) -> tuple[Constraint, ...]:
    if tables is None:
        return ()
    names = sorted(tables)
    known: Constraint = {"enum": names}
    if not names:
        known["errorMessage"] = "this worker declares no tables"
    constraints: list[Constraint] = [{"properties": {"table": known}}]
    for number, name in enumerate(names):
        fields = fields_of(number, tables[name])
        constraint: Constraint = {
            "if": {"required": ["table"], "properties": {"table": {"const": name}}},
            "then": {"properties": fields},
        }
        if "where" in fields:
            constraint["$defs"] = {_where_name(number): _where(number, name, tables[name])}
        constraints.append(constraint)
    return tuple(constraints)


def _column(table: WritableTable) -> Constraint:
    return {"enum": list(table.columns)}


def _where_name(number: int) -> str:
    return f"ConditionOnTable{number}"


def _where(number: int, name: str, table: WritableTable) -> Constraint:
    """Return the schema of a condition whose fields are columns, or paths into their values."""
    again = {"$ref": f"#/$defs/{_where_name(number)}"}
    columns = "|".join(map(re.escape, table.readable))
    field = {
        "pattern": rf"^\s*(?:{columns})(?:\.|\s*$)",
        "errorMessage": f"expected a column of {name}: {', '.join(table.readable)}",
    }
    return {
        "properties": {
            "field": field,
            "all": {"items": again},
            "any": {"items": again},
            "not": again,
        },
        "items": again,
    }
