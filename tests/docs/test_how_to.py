"""What how-tos show of the examples is what the examples have."""

import json
import tomllib

from tests.docs.pages import ROOT, pages

EXAMPLE = ROOT / "examples" / "own_action"


def block(path: str, language: str) -> str:
    """Return the only block of a language."""
    (found,) = (fence.code for fence in pages()[path].fences if fence.language == language)
    return found


def test_the_entry_point_is_that_of_the_example():
    shown = tomllib.loads(block("docs/how-to/add-an-action.md", "toml"))
    declared = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["entry-points"]
    assert shown["project"]["entry-points"] == declared


def test_the_action_is_that_of_the_example():
    shown = json.loads(block("docs/how-to/add-an-action.md", "json"))
    assert shown == json.loads(block("examples/own_action/README.md", "json"))


def test_the_wheel_that_the_image_gets_is_that_of_the_example():
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    wheel = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
    dockerfile = block("docs/how-to/add-an-action.md", "dockerfile")
    assert f"COPY {wheel} " in dockerfile
    image = (ROOT / "infra" / "Dockerfile").read_text()
    for line in ("/opt/ichor/bin", "USER 10001:10001"):
        assert line in dockerfile
        assert line in image
