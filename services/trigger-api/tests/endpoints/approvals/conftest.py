"""Executions that wait for people."""

import httpx
import pytest
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ichor_activities import ActionActivities, ApprovalActivities, RecordingActivities
from ichor_core.contract import TASK_QUEUE
from ichor_edgestore.approvals import PostgresApprovalStore
from ichor_edgestore.effects import PostgresEffectStore
from ichor_edgestore.executions import PostgresExecutionStore, PostgresValueStore
from ichor_workflows import WORKFLOWS


@pytest.fixture
def make_worker(pool, client, gates):
    """Return a function that makes a worker that can also ask people."""

    def make_worker() -> Worker:
        registry = gates.registry()
        values, executions = PostgresValueStore(pool), PostgresExecutionStore(pool)
        running = ActionActivities(registry, values, executions)
        recording = RecordingActivities(executions, values)
        effects = PostgresEffectStore(pool, {})
        asking = ApprovalActivities(registry, values, PostgresApprovalStore(pool), effects)
        return Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=[
                running.execute_action,
                recording.record_execution,
                recording.offload_results,
                asking.open_approval,
                asking.record_decision,
                asking.close_approval,
                asking.remind_approvers,
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )

    return make_worker


@pytest.fixture
async def worker(make_worker):
    async with make_worker() as worker:
        yield worker


class Asked:
    """An execution that waits for people, and its approval."""

    def __init__(self, api, client, started, approval) -> None:
        self.http = api.http
        self.api = api
        self.execution_id = started["execution_id"]
        self.workflow = client.get_workflow_handle(started["workflow_id"])
        self.id = approval["id"]
        self.approval = approval

    async def decide(self, user: str = "ada", vote: str = "approved", **fields) -> httpx.Response:
        body = {"user": user, "vote": vote, **fields}
        return await self.http.post(f"/approvals/{self.id}/decision", json=body)

    async def read(self) -> dict:
        return (await self.http.get(f"/approvals/{self.id}")).json()

    async def results(self) -> dict:
        """Wait for the end, and return the actions by name."""
        await self.workflow.result()
        shown = await self.api.execution(self.execution_id)
        assert shown["status"] == "completed"
        return {action["name"]: action for action in shown["actions"]}


@pytest.fixture
def ask(api, relay, client, until):
    """Return a function that starts an execution and returns it once it asks."""

    async def ask(**config) -> Asked:
        question = api.node("ask", "approval_request", title="Buy {{thing}}?", **config)
        graph = {
            "actions": [question, api.node("yes"), api.node("no")],
            "edges": [
                api.edge(None, "ask"),
                api.edge("ask", "yes", "true_branch"),
                api.edge("ask", "no", "false_branch"),
            ],
        }
        rule_id = await api.rule(graph)
        (started,) = [
            one
            for one in (await api.event(data={"thing": "it"}))["executions"]
            if one["rule_id"] == rule_id
        ]
        await relay.start_due()
        query = {"execution_id": started["execution_id"]}
        listed = await until(
            lambda: api.http.get("/approvals", params=query), lambda page: page.json()["items"]
        )
        (approval,) = listed.json()["items"]
        return Asked(api, client, started, approval)

    return ask
