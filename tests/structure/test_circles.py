"""No module can be reached from itself by imports, lazy ones and those for types included."""

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.structure.kit.source import imports, modules, packages


@pytest.mark.parametrize("package", packages())
def test_no_imports_go_in_a_circle(package: str):
    own = [one for one in modules() if one.split(".")[0] == package]
    graph = {
        one: {found.target for found in imports(one) if found.target in own} - {one} for one in own
    }
    assert sum(map(len, graph.values())) or len(own) < 3, "no imports found: the test sees nothing"
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))
