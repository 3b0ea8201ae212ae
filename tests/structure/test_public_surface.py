"""Packages import from each other what their roots and rooms export, and nothing else.

Public is a package's root (`ichor_core`) and what stands directly in it: a room, with its
`__all__`, or a module. All that stands deeper, or begins with an underscore, is private.
"""

import pytest

from tests.structure.kit.source import exported, imports, modules, packages, tree

LIBRARIES = [name for name, folder in packages().items() if "packages" in folder.parts]
ROOMS = [
    name
    for name, file in modules().items()
    if file.name == "__init__.py" and name.count(".") <= 1 and name.split(".")[0] in LIBRARIES
]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_exports(room: str):
    is_empty = len(tree(room).body) <= 1  # its docstring alone: a private room
    assert is_empty or exported(room) is not None, "no __all__"


@pytest.mark.parametrize("package", packages())
def test_other_packages_are_used_by_what_they_export(package: str):
    wrong = [
        f"{found.module}:{found.line} imports {found.target}.{found.name}".rstrip(".")
        for module in modules()
        if module.split(".")[0] == package
        for found in imports(module)
        if found.target.split(".")[0] != package and not _is_public(found.target, found.name)
    ]
    assert not wrong, "\n".join(wrong)


def _is_public(target: str, name: str) -> bool:
    parts = [*target.split("."), name]
    if target.count(".") > 1 or any(part.startswith("_") for part in parts):
        return False
    names = exported(target)
    return not name or (name in names if names is not None else target not in ROOMS)
