"""The core stands alone."""

import ast
import sys
from pathlib import Path

import ichor_core

ALLOWED = {"msgspec", "ichor_core"}
# What would make a workflow that uses the core give another answer at replay.
FORBIDDEN_IN_STDLIB = {"random", "time", "os", "secrets", "threading", "socket", "subprocess"}


def imports():
    root = Path(ichor_core.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((path.relative_to(root), alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path.relative_to(root), node.module


def test_core_imports_only_msgspec_and_the_standard_library():
    tops = {(path, name.split(".")[0]) for path, name in imports()}
    strangers = {pair for pair in tops if pair[1] not in ALLOWED | sys.stdlib_module_names}
    assert strangers == set()
    assert len(tops) > 50


def test_core_imports_nothing_that_differs_between_runs():
    found = {
        (str(path), name)
        for path, name in imports()
        if name.split(".")[0] in FORBIDDEN_IN_STDLIB and path.parts[0] != "testing"
    }
    assert found == set()
