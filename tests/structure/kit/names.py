"""Names that users and operators see: wire fields, settings, metrics, tables, columns, log keys."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.structure.kit.source import modules, packages, tree

_METRIC = re.compile(r"ichor(\.[a-z_]+){2,}")
_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?workflow\.(\w+) \((.*?)\n\);", re.DOTALL)
_NO_COLUMN = ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "CONSTRAINT", "REFERENCES", "ON")


def wire_fields() -> Iterator[tuple[str, str]]:
    """Yield each field of each struct, and where it stands."""
    for module in modules():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ClassDef) and "Struct" in {ast.unparse(b) for b in node.bases}:
                for one in node.body:
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                        yield one.target.id.lstrip("_"), f"{module}.{node.name}"


def settings() -> Iterator[tuple[str, str]]:
    """Yield each setting of each service, and where it stands."""
    for module in modules():
        if module.rsplit(".", 1)[-1] != "settings":
            continue
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Settings"):
                for one in node.body:
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                        yield one.target.id, f"{module}.{node.name}"


def metrics() -> Iterator[tuple[str, str]]:
    """Yield each metric of ours, and the module that makes it."""
    for module in modules():
        for node in ast.walk(tree(module)):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and _METRIC.fullmatch(value):
                yield value, module


def columns() -> Iterator[tuple[str, str]]:
    """Yield each table and each column, and the migration that makes it."""
    for file in sorted(_migrations().glob("*.sql")):
        for table, body in _TABLE.findall(file.read_text()):
            yield table, file.name
            for line in body.splitlines():
                word = line.strip().split(" ")[0]
                if re.fullmatch(r"[a-z_]+", word) and word.upper() not in _NO_COLUMN:
                    yield word, f"{file.name}: {table}"


def log_keys() -> Iterator[tuple[str, str]]:
    """Yield each key that a log call gives, and the module of the call."""
    for module in modules():
        for node in ast.walk(tree(module)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func.value) in ("_logger", "logger", "log")
            ):
                for keyword in node.keywords:
                    if keyword.arg and keyword.arg != "exc_info":
                        yield keyword.arg, module


def _migrations() -> Path:
    return packages()["ichor_edgestore"] / "migrations" / "versions"
