"""The requests in the README do what it says."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.servers


@pytest.mark.usefixtures("worker")
async def test_from_an_event_to_its_execution(api, relay, client):
    text = (Path(__file__).parents[1] / "README.md").read_text()
    bodies = re.findall(r"--json '(.*?)'", text, re.DOTALL)
    rule, graph, event = (json.loads(body) for body in bodies)
    created = await api.http.post("/rules", json=rule)
    path = f"/rules/{created.json()['id']}"
    assert (await api.http.put(f"{path}/graph", json=graph)).status_code == 200
    assert (await api.http.post(f"{path}/activate")).status_code == 200
    (one,) = (await api.http.post("/events", json=event)).json()["executions"]
    await relay.start_due()
    await client.get_workflow_handle(one["workflow_id"]).result()
    shown = await api.execution(one["execution_id"])
    assert shown["actions"][0]["result"] == {"text": "Hello, Ada"}
