"""By which rules configs that name tables and columns are checked."""

import re
from collections.abc import Callable, Mapping

from ichor_actions.definition.constraints import Rule
from ichor_actions.resources import WritableTable

Tables = Mapping[str, WritableTable] | None


def create_rules(tables: Tables) -> tuple[Rule, ...]:
    """Return the rules for `create_record`; none where the tables are not known."""
    return _rules(tables, lambda _, table: {"values": {"propertyNames": _column(table)}})


def update_rules(tables: Tables) -> tuple[Rule, ...]:
    """Return the rules for `update_field`; none where the tables are not known."""
    return _rules(
        tables,
        lambda number, table: {
            "field": {"anyOf": [_column(table), {"type": "null"}]},
            "changes": {"propertyNames": _column(table)},
            "where": {"$ref": f"#/$defs/{_where_name(number)}"},
        },
    )


def _rules(
    tables: Tables, fields_of: Callable[[int, WritableTable], dict[str, Rule]]
) -> tuple[Rule, ...]:
    if tables is None:
        return ()
    names = sorted(tables)
    known: Rule = {"enum": names}
    if not names:
        known["errorMessage"] = "this worker declares no tables"
    rules: list[Rule] = [{"properties": {"table": known}}]
    for number, name in enumerate(names):
        fields = fields_of(number, tables[name])
        rule: Rule = {
            "if": {"required": ["table"], "properties": {"table": {"const": name}}},
            "then": {"properties": fields},
        }
        if "where" in fields:
            rule["$defs"] = {_where_name(number): _where(number, name, tables[name])}
        rules.append(rule)
    return tuple(rules)


def _column(table: WritableTable) -> Rule:
    return {"enum": list(table.columns)}


def _where_name(number: int) -> str:
    return f"ConditionOnTable{number}"


def _where(number: int, name: str, table: WritableTable) -> Rule:
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
