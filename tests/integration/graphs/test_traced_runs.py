"""The spans of an execution that continues as new, and what a replay adds to them: nothing."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(("actions", "runs"), [(100, 1), (2, 3)])
async def test_each_action_has_one_span_in_one_trace(temporal_server, actions, runs):
    address = temporal_server.address
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.traced_run", address, str(actions)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()[-2000:]
    found = json.loads(output)
    spans = found["spans"]
    assert found["runs"] == runs
    assert len({span["trace"] for span in spans}) == 1
    assert len({span["id"] for span in spans}) == len(spans)
    (caller,) = [span for span in spans if span["name"] == "caller"]
    executions = [span for span in spans if span["name"] == "execute test"]
    assert [span["parent"] for span in executions] == [caller["id"]] * runs
    actions_of = [span for span in spans if span["name"] in {f"n{n}" for n in range(1, 7)}]
    assert sorted(span["name"] for span in actions_of) == [f"n{n}" for n in range(1, 7)]
    assert {span["parent"] for span in actions_of} == {span["id"] for span in executions}
    assert found["replayed"] == []
