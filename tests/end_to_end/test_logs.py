"""What the logs say of an execution: enough to follow it, and nothing that is secret."""

import asyncio
import json
from uuid import uuid4

import pytest

from ichor_core.graph import ActionNode
from ichor_core.limits import Limits
from ichor_devstack.ports import LOOPBACK, free_port
from tests.end_to_end.kit.installation import chain, create

pytestmark = [pytest.mark.servers, pytest.mark.timeout(60)]


def failing_call():
    """Nobody listens there."""
    config = {
        "url": f"http://{LOOPBACK}:{free_port()}/path-secret?key=query-secret",
        "headers": {"Authorization": "Bearer header-secret"},
        "body": {"card": "body-secret"},
    }
    limits = Limits(max_attempts=2, initial_interval=0.1)
    return ActionNode(str(uuid4()), "call", "call_webhook", config, limits)


async def lines_of(path, execution_id):
    text = await asyncio.to_thread(path.read_text)
    lines = [json.loads(line) for line in text.splitlines()]
    return text, [line for line in lines if execution_id in json.dumps(line)]


async def test_a_failure_is_told_with_ids_and_without_secrets(ichor):
    execution_id = await ichor.begin(chain(create("first", "1"), failing_call()))
    ended = await ichor.end_of(execution_id)
    assert ended["status"] == "failed"
    await ichor.worker.logged("Execution ended")
    text, lines = await lines_of(ichor.folder / "worker.log", execution_id)
    assert "-secret" not in text
    attempts = [line for line in lines if line["message"] == "Attempt failed"]
    assert [line["attempt"] for line in attempts] == [1, 2]
    for line in attempts:
        assert line["execution_id"] == execution_id
        assert (line["action_name"], line["error_type"]) == ("call", "TransientError")
        assert "ConnectError" in line["error"]
        assert "exception" not in line
    (failed,) = [line for line in lines if line["message"] == "Action failed"]
    assert (failed["execution_id"], failed["action_name"]) == (execution_id, "call")
    (end,) = [line for line in lines if line["message"] == "Execution ended"]
    assert (end["execution_id"], end["status"]) == (execution_id, "failed")
    assert "action_name" not in end


async def test_an_execution_is_found_by_its_id_and_its_trace(ichor):
    execution_id = await ichor.begin(chain(create("only", "1")))
    ended = await ichor.end_of(execution_id)
    _, lines = await lines_of(ichor.folder / "api.log", execution_id)
    told = {line["message"]: line for line in lines}
    assert execution_id in told["Event accepted"]["execution_ids"]
    assert told["Workflow started"]["execution_id"] == execution_id
    for message in ("Event accepted", "Workflow started"):
        assert told[message]["trace_id"] == ended["trace_id"]
