"""What docs/how-to/reuse.md shows works outside the workspace, as it stands."""

import re
from pathlib import Path
from uuid import uuid4

import pytest

from ichor_core.graph import ActionNode
from tests.end_to_end.kit.command import Command
from tests.end_to_end.kit.installation import Installation, chain
from tests.reuse.kit.environment import Environment
from tests.reuse.kit.wheels import MEMBERS, ROOT

PAGE = (ROOT / "docs" / "how-to" / "reuse.md").read_text()
EMBEDDED, OWN_WORKER = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_core_is_embedded(with_core: Environment):
    shown = with_core.run("python", "-I", "-W", "error", "-c", EMBEDDED)

    assert shown.startswith("flowchart TD\n")


def test_it_names_packages_that_exist():
    named = set(re.findall(r"`(ichor-[a-z-]+)`", PAGE))

    assert len(named) > 5
    assert named <= set(MEMBERS)


@pytest.mark.servers
async def test_a_worker_of_ones_own_runs_its_actions(
    with_worker: Environment, ichor: Installation, tmp_path: Path
):
    program = tmp_path / "own_worker.py"
    program.write_text(OWN_WORKER)
    command = [str(with_worker.python), "-W", "error", str(program)]
    worker = Command(command, ichor.settings, tmp_path / "own-worker.log")
    shout = ActionNode(str(uuid4()), "shout", "shout", {"text": "well {{what}}"})

    async with worker.running():
        listed = (await ichor.ask("GET", "/action-types")).json()
        end = await ichor.end_of(await ichor.begin(chain(shout), {"what": "done"}))

    assert [kind["type"] for kind in listed] == [
        "evaluate_condition",
        "set_values",
        "shout",
    ]
    assert [action["result"] for action in end["actions"]] == [{"text": "WELL DONE"}]
