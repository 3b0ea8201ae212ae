"""The Python source of the monorepo: its packages, modules and imports, read without importing."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[3]


class Import(Struct, frozen=True):
    """One imported name."""

    module: str
    """The module that imports."""
    target: str
    """The module that is imported, or imported from."""
    name: str
    """The name; empty for `import target`."""
    line: int


@cache
def packages() -> dict[str, Path]:
    """Return the folder of each import root: `ichor_core` → packages/core/src/ichor_core."""
    return {
        folder.name: folder
        for members in ("packages", "services")
        for folder in sorted(ROOT.glob(f"{members}/*/src/*"))
        if (folder / "__init__.py").exists()
    }


@cache
def modules() -> dict[str, Path]:
    """Return the file of each module of each package, by dotted name."""
    found: dict[str, Path] = {}
    for name, folder in packages().items():
        for file in sorted(folder.rglob("*.py")):
            parts = [name, *file.relative_to(folder).with_suffix("").parts]
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def tree(module: str) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(modules()[module].read_text())


def imports(module: str) -> Iterator[Import]:
    """Yield what a module imports of our packages, wherever in it: lazily, for types only."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in packages():
                    yield Import(module, alias.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module.split(".")[0] not in packages():
                continue
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in modules() and not _defines(node.module, alias.name):
                    yield Import(module, inner, "", node.lineno)
                else:
                    yield Import(module, node.module, alias.name, node.lineno)


def exported(module: str) -> list[str] | None:
    """Return `__all__` of a module, or None where it has none."""
    for node in tree(module).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "__all__"
        ):
            return ast.literal_eval(node.value)
    return None


def _defines(module: str, name: str) -> bool:
    """Say whether a package's `__init__` has the name itself, so that it hides a submodule."""
    return any(
        isinstance(node, ast.ImportFrom) and any(name in (a.asname, a.name) for a in node.names)
        for node in tree(module).body
    )
