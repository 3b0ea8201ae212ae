"""docs/reference/python.md: names that each package exports, with the first sentence on each."""

import ast
import importlib
import inspect
import pkgutil
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from docs.generator.markdown import code, page, sentence, table

_ROOT = Path(__file__).parents[2]

_INTRODUCTION = """\
Names that programs may use. A package exports them at its root (`from ichor_core import validate`)
and in its rooms, the modules and sub-packages directly in it
(`from ichor_core.graph import GraphExecutor`). Modules that stand deeper, or whose name begins with
an underscore, are private and may change at any time."""


def python_page() -> str:
    """Return the page."""
    parts = [_INTRODUCTION]
    for name in _packages():
        root = importlib.import_module(name)
        parts += [f"## {name}", sentence(_first(inspect.getdoc(root)))]
        for room in (root, *_rooms(root)):
            rows = [(code(each), sentence(_meaning(room, each))) for each in _exported(room)]
            if rows and room is not root:
                parts += [f"### {room.__name__}", sentence(_first(inspect.getdoc(room)))]
            parts.append(table(("name", "meaning"), rows))
    return page("Python interface", *parts)


def _packages() -> list[str]:
    """Return the libraries of the repository, in the order of its import contracts."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())
    names: list[str] = project["tool"]["importlinter"]["root_packages"]
    return [name for name in names if (_ROOT / "packages" / name.removeprefix("ichor_")).is_dir()]


def _rooms(root: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(root.__path__):
        if not found.name.startswith("_"):
            yield importlib.import_module(f"{root.__name__}.{found.name}")


def _exported(room: ModuleType) -> list[str]:
    names = getattr(room, "__all__", None)
    if names is not None:
        return list(names)
    if hasattr(room, "__path__"):
        return []
    return [
        name
        for name in _definitions(room.__name__)
        if not name.startswith("_") and hasattr(room, name)
    ]


def _meaning(room: ModuleType, name: str) -> str:
    module = room.__name__
    while name not in _definitions(module):
        source = _imported_from(module, name)
        if source is None or source == module:  # not ours, or a module of the room
            return _first(inspect.getdoc(getattr(room, name)))
        module = source
    return _first(_definitions(module)[name])


def _imported_from(module: str, name: str) -> str | None:
    for node in _tree(module).body:
        if isinstance(node, ast.ImportFrom) and any(one.name == name for one in node.names):
            return node.module if node.module in sys.modules else None
    return None


@cache
def _definitions(module: str) -> dict[str, str]:
    """Return what a module defines at its top level: name → docstring, or an empty text."""
    found: dict[str, str] = {}
    last = ""
    for node in _tree(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = ast.get_docstring(node) or ""
            last = ""
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            last = target.id if isinstance(target, ast.Name) else ""
            if last and last != "__all__":
                found[last] = ""
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last in found:
            found[last] = str(node.value.value)
        else:
            last = ""
    return found


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(importlib.import_module(module)))


def _first(text: str | None) -> str:
    """Return the first paragraph of a docstring."""
    return (text or "").strip().split("\n\n", maxsplit=1)[0]
