"""A distribution of somebody else gives the worker an action type."""

import json
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from ichor_core.graph import ActionNode
from tests.end_to_end.kit.command import Command
from tests.end_to_end.kit.installation import Installation, chain
from tests.reuse.kit.environment import Environment
from tests.reuse.kit.wheels import ROOT

EXAMPLE = ROOT / "examples" / "own_action"
README = (EXAMPLE / "README.md").read_text()
TABLE = README.split("```sql\n")[1].split("```")[0]
DECLARED = README.split("export DECLARED_TABLES='")[1].split("'\n")[0]
ORDER = {"customer": {"id": "c-17"}, "total": 49.9}


def test_its_own_tests_pass(with_worker: Environment, tmp_path: Path):
    """As they are, on what is installed."""
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    shutil.copy(EXAMPLE / "pyproject.toml", tmp_path)

    shown = with_worker.run("python", "-m", "pytest", "-q", "-W", "error", tmp_path)

    assert "6 passed" in shown


def test_the_worker_shows_its_type(with_worker: Environment):
    types = {kind["type"]: kind for kind in json.loads(with_worker.run("ichor-worker", "types"))}

    own = types["credit_points"]
    assert own["kind"] == "local"
    assert own["config_schema"]["required"] == ["customer", "amount"]
    assert own["result_schema"]["properties"]["points"] == {"type": "integer"}
    assert "set_values" in types


@pytest.mark.servers
async def test_a_worker_process_runs_it_in_a_rule(with_worker: Environment, ichor: Installation):
    await ichor.sql(TABLE)
    worker = Command(
        [str(with_worker.scripts / "ichor-worker"), "serve"],
        {**ichor.settings, "DECLARED_TABLES": DECLARED},
        ichor.folder / "own-worker.log",
    )
    config = {"customer": "{{customer.id}}", "amount": "{{total}}", "per_unit": 2}
    thank = ActionNode(str(uuid4()), "thank", "credit_points", config)
    tell = ActionNode(
        str(uuid4()), "tell", "create_alert", {"title": "{{thank.points}} points for you"}
    )
    async with worker.running():
        wrong = ActionNode(str(uuid4()), "wrong", "credit_points", {**config, "amount": -1})
        report = await ichor.ask("POST", "/graphs/validate", chain(wrong))

        end = await ichor.end_of(await ichor.begin(chain(thank, tell), ORDER))

    assert [issue["code"] for issue in report.json()["issues"]] == ["invalid_config"]
    assert end["status"] == "completed"
    results = {action["name"]: action["result"] for action in end["actions"]}
    (entry,) = await ichor.sql("SELECT id FROM public.loyalty_points")
    assert results["thank"] == {"points": 98, "entry": str(entry)}
    assert await ichor.sql("SELECT title FROM workflow.alerts") == ["98 points for you"]
