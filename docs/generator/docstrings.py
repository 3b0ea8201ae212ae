"""What stands below the fields of a class."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct
from msgspec import inspect as types


def field_docstrings(described: type[Any]) -> dict[str, str]:
    """Return the docstrings of a class's fields, those of its bases included."""
    found: dict[str, str] = {}
    for base in reversed(described.__mro__):
        if base.__module__ != "builtins" and base.__module__.startswith("ichor_"):
            found |= dict(_own_docstrings(base))
    return found


def _own_docstrings(described: type[Any]) -> Iterator[tuple[str, str]]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(described)))
    (definition,) = tree.body
    assert isinstance(definition, ast.ClassDef)
    for field, text in zip(definition.body, definition.body[1:], strict=False):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(written))),
            ):
                yield name, " ".join(written.split())
            case _:
                continue


def structs_in(*roots: type[Struct]) -> dict[str, type[Struct]]:
    """Return these structs and all that they hold, by name."""
    found: dict[str, type[Struct]] = {}

    def visit(item: Any) -> None:
        if isinstance(item, types.StructType):
            if item.cls.__name__ in found:
                return
            found[item.cls.__name__] = item.cls
        if isinstance(item, types.Type | types.Field):
            for name in item.__struct_fields__:
                visit(getattr(item, name))
        elif isinstance(item, tuple):
            for part in item:  # pyright: ignore[reportUnknownVariableType]
                visit(part)

    for root in roots:
        visit(types.type_info(root))
    return found


def property_docstrings(struct: type[Struct]) -> dict[str, str]:
    """Return the docstrings of a struct's fields by their names in JSON."""
    written = field_docstrings(struct)
    return {
        each.encode_name: written[each.name]
        for each in msgspec.structs.fields(struct)
        if each.name in written
    }
