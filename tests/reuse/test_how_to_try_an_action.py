"""What docs/how-to/add-an-action.md says of trying an action on `make up`, followed literally."""

import asyncio
import re
import signal
from pathlib import Path

import pytest

from tests.docs.pages import pages
from tests.end_to_end.kit.command import POLL_SECONDS
from tests.end_to_end.kit.demo_process import ROOT, demo_process
from tests.end_to_end.kit.terminal import running, typed
from tests.reuse.kit.environment import Environment

FENCES = pages()["docs/how-to/add-an-action.md"].fences
UP, WORKER, RULE, LOOK = (
    fence.code
    for fence in FENCES
    if fence.language == "sh"
    and re.search(r"make up|DECLARED_TABLES|X PUT|executions\?", fence.code)
)
(SHOWN,) = (fence.code.splitlines() for fence in FENCES if fence.language == "text")
ENVIRONMENT = ". .ichor/demo/env"


def test_make_hands_the_wish_on():
    recipe = (ROOT / "Makefile").read_text().partition("\nup: ")[2].splitlines()[1]
    assert UP == "make up WORKER=no\n"
    assert "--stay $(if $(filter no,$(WORKER)),--without-worker)" in recipe


@pytest.mark.servers
async def test_an_own_action_is_tried_on_the_demo(with_worker: Environment, tmp_path: Path):
    logs = tmp_path / "logs"

    def adapted(commands: str) -> str:
        assert ENVIRONMENT in commands
        return commands.replace(ENVIRONMENT, f". {logs / 'env'}")

    worker = adapted(WORKER)
    own = "../with-worker/bin/ichor-worker"
    assert own in worker
    # On a free port: the usual one may be taken.
    worker = worker.replace(own, f"PORT=0 {with_worker.scripts / 'ichor-worker'}")
    async with demo_process(logs, "--stay", "--without-worker") as demo:
        await demo.read_until(" && ichor-worker")
        async with running(worker):
            await demo.read_until("# DATABASE_URL")
            rule = f"{tmp_path}/rule"
            said = await typed(f"{adapted(RULE)}\necho $RULE > {rule}")
            assert '"rule_name":"Points"' in said
            look = f"{adapted(ENVIRONMENT)}\nRULE=$(cat {rule})\n{LOOK}"
            shown = ""
            while not all(line in shown for line in SHOWN):
                await asyncio.sleep(POLL_SECONDS)
                shown = await typed(look)
        demo.process.send_signal(signal.SIGINT)
        exit_code = await demo.end()

    assert exit_code == 0
    assert "error:" not in demo.output
