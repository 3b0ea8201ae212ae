"""Docstrings of fields, read from the source of their class.

Python keeps no docstrings of attributes. A class without source (compiled, typed into a prompt) has
no field docstrings; nothing else changes.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec import inspect as types

Classes = Mapping[str, ast.ClassDef]
"""By qualified name."""


def field_docstrings(described: type[Any]) -> dict[str, str]:
    """Return the docstrings of a class's fields in one line each, those of its bases included."""
    found: dict[str, str] = {}
    for base in reversed(described.__mro__):
        definition = _classes(base.__module__).get(base.__qualname__)
        if definition is not None:
            found |= dict(_docstrings(definition))
    return found


def property_docstrings(struct: type[Struct]) -> dict[str, str]:
    """Return the docstrings of a struct's fields by their names in JSON."""
    written = field_docstrings(struct)
    return {
        each.encode_name: written[each.name]
        for each in msgspec.structs.fields(struct)
        if each.name in written
    }


def structs_in(*roots: type[Struct]) -> dict[str, type[Struct]]:
    """Return these structs and all that they hold, by the names that JSON Schemas give them."""
    found: dict[str, type[Struct]] = {}
    seen: set[type[Any]] = set()

    def visit(item: Any) -> None:
        if isinstance(item, types.StructType):
            if item.cls in seen:
                return
            seen.add(item.cls)
            full = re.sub(
                r"[^a-zA-Z0-9.\-_]", "_", f"{item.cls.__module__}.{item.cls.__qualname__}"
            )
            # The short name, unless two have it.
            found[item.cls.__name__] = found[full] = item.cls
        if isinstance(item, types.Type | types.Field):
            for name in item.__struct_fields__:
                visit(getattr(item, name))
        elif isinstance(item, tuple):
            for part in cast(tuple[Any, ...], item):
                visit(part)

    for root in roots:
        visit(types.type_info(root))
    return found


@lru_cache(maxsize=256)
def _classes(module: str) -> Classes:
    if module in sys.builtin_module_names or module not in sys.modules:
        return {}
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError, SyntaxError):  # no source, or none of Python
        return {}
    return dict(_definitions(tree, ""))


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.ClassDef(name=name):
                yield f"{prefix}{name}", child
                yield from _definitions(child, f"{prefix}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield from _definitions(child, f"{prefix}{name}.<locals>.")
            case _:
                yield from _definitions(child, prefix)


def _docstrings(definition: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in zip(definition.body, definition.body[1:], strict=False):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(written))),
            ):
                yield name, " ".join(written.split())
            case _:
                continue
