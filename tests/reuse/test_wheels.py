"""What is in the wheels, and what they say of themselves."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest
from markdown_it import MarkdownIt

from tests.reuse.kit.wheels import MEMBERS, ROOT, Wheel, project

each_member = pytest.mark.parametrize("name", MEMBERS)


def test_every_member_has_a_wheel(wheels: dict[str, Wheel]):
    assert set(wheels) == set(MEMBERS)


@each_member
def test_it_holds_its_sources_and_nothing_else(wheels: dict[str, Wheel], name: str):
    """Types and other data included; no tests, nothing that a build left behind."""
    wheel, source = wheels[name], MEMBERS[name] / "src"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."],
        cwd=source,
        check=True,
        capture_output=True,
        text=True,
    )

    inside = {file for file in wheel.files if ".dist-info/" not in file}
    assert inside == set(listed.stdout.splitlines())
    assert {file.split("/")[0] for file in inside} == {wheel.module}
    assert f"{wheel.module}/py.typed" in inside
    assert not [
        file for file in inside if re.search(r"(^|/)(tests|test_\w+\.py|conftest\.py)", file)
    ]


def test_migrations_are_in_the_wheel(wheels: dict[str, Wheel]):
    folder = "ichor_edgestore/migrations/versions/"
    found = {file for file in wheels["ichor-edgestore"].files if file.startswith(folder)}

    steps = {file.rpartition(".")[0] for file in found}
    assert len(steps) >= 2
    assert found == {f"{step}.{kind}" for step in steps for kind in ("py", "sql")}


@each_member
def test_it_says_what_it_is(wheels: dict[str, Wheel], name: str):
    metadata, said = wheels[name].metadata, project(name)

    assert metadata["Version"] == said["version"]
    assert metadata["Summary"] == said["description"]
    assert re.fullmatch(r"[A-Z].{20,}\.", metadata["Summary"])
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"
    assert wheels[name].read_info("licenses/LICENSE") == (ROOT / "LICENSE").read_text()


@each_member
def test_its_long_description_can_be_read_anywhere(wheels: dict[str, Wheel], name: str):
    """Markdown that any renderer takes: no HTML, and no picture that would be missing."""
    metadata = wheels[name].metadata
    tokens = MarkdownIt("commonmark").enable("table").parse(metadata.get_payload())

    assert metadata["Description-Content-Type"] == "text/markdown"
    heading, title = tokens[:2]
    assert (heading.tag, title.content) == ("h1", name)
    inline = [child for token in tokens for child in token.children or []]
    assert not [
        token for token in (*tokens, *inline) if token.type in ("html_block", "html_inline")
    ]
    assert not [token for token in inline if token.type == "image"]


@each_member
def test_members_ask_for_the_release_that_they_come_with(wheels: dict[str, Wheel], name: str):
    """Or a later one that only mends: what an older or newer one lacks is not found out at work."""
    version = wheels[name].metadata["Version"]
    assert {wheel.metadata["Version"] for wheel in wheels.values()} == {version}
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)

    asked = {one.name: one.version for one in wheels[name].requirements if one.name in wheels}

    assert set(asked.values()) <= {f"~={version}"}
    assert bool(asked) == (name not in {"ichor-core", "ichor-feel"})


@each_member
def test_it_asks_for_what_it_imports(wheels: dict[str, Wheel], name: str):
    wheel = wheels[name]
    imported = set[str]()
    for file in wheel.files:
        if file.endswith(".py"):
            for node in ast.walk(ast.parse(wheel.read(file))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.split(".")[0])
    others = imported - sys.stdlib_module_names - {wheel.module}
    found = {
        module: {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners}
        for module, owners in packages_distributions().items()
    }
    found |= {wheel.module: {wheel.name} for wheel in wheels.values()}
    asked = {one.name for one in wheel.requirements}

    # Several distributions share a module such as `opentelemetry`.
    assert {module for module in others if not asked & found[module]} == set()


@pytest.mark.parametrize("service", ["trigger-api", "worker", "async-completer"])
def test_a_service_brings_its_command(wheels: dict[str, Wheel], service: str):
    name = f"ichor-{service}"

    assert f"{name} = {wheels[name].module}.__main__:main" in wheels[name].entry_points
