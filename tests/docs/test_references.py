"""The reference pages say what the code says today, and leave nothing out."""

import pytest
from docs.generator.configuration import SERVICES, variables
from docs.generator.pages import FOLDER, reference_pages

from ichor_actions.builtin import builtin_actions
from ichor_actions.resources import Resources
from ichor_trigger_api.app import bare_app
from tests.docs.pages import pages

PAGES = reference_pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name: str):
    assert (FOLDER / name).read_text() == PAGES[name], "run `make references`"


def test_no_page_is_left_over():
    assert {file.name for file in FOLDER.iterdir()} == set(PAGES)


def test_every_variable_has_a_meaning():
    read = [variables(settings) for settings in SERVICES.values()]
    names = {name for found in read for name in found}
    said = {name for found in read for name, variable in found.items() if variable.meaning}
    assert names - said == set()


def test_every_action_type_has_a_section():
    types = {item.spec.type for item in builtin_actions(Resources())}
    assert types <= pages()["docs/reference/action-types.md"].anchors


def test_every_operation_has_a_section():
    paths = bare_app().openapi_schema.paths or {}
    operations = [
        operation.summary
        for path in paths.values()
        for operation in (path.get, path.post, path.put, path.patch, path.delete)
        if operation
    ]
    assert len(operations) > 20
    for summary in operations:
        assert f"### {summary}\n" in PAGES["http.md"]
