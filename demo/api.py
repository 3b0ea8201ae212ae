"""The trigger API, as a client of it sees it."""

import asyncio
import http.client
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from ichor_core import exact_json
from ichor_core.contract import ExecutionStatus, FailureInfo
from ichor_core.errors import IchorError

T = TypeVar("T")

PREFIX = "/api/v1/workflow"
_SECONDS = 30.0


class ApiError(IchorError, RuntimeError):
    """The trigger API did not answer, or something else than was asked for."""


class AcceptedExecution(Struct, frozen=True):
    """An execution that an event set off."""

    execution_id: str
    rule_name: str


class AcceptedEvent(Struct, frozen=True):
    """The answer to an event."""

    event_id: str
    executions: list[AcceptedExecution]


class ActionView(Struct, frozen=True):
    """What became of an action, so far."""

    name: str
    type: str
    status: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    result: Any = None
    error: FailureInfo | None = None
    last_failure: str = ""
    """Why the attempt before the present one failed."""


class ExecutionView(Struct, frozen=True):
    """What became of an execution, so far; its actions in the order in which they depend."""

    status: ExecutionStatus
    actions: list[ActionView]
    error: FailureInfo | None = None


class ApprovalView(Struct, frozen=True):
    """What somebody is asked."""

    id: str
    title: str
    status: str


class _ApprovalPage(Struct, frozen=True):
    items: list[ApprovalView]


class _ActionType(Struct, frozen=True):
    type: str


class _Created(Struct, frozen=True):
    id: str


class TriggerApi:
    """Asks the trigger API.

    Args:
        url: its address, ``http://host:port``.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    async def create_rule(self, rule: Mapping[str, Any]) -> str:
        """Store a rule and return its id."""
        return exact_json.decode(await self._ask("POST", "/rules", rule), _Created).id

    async def put_graph(self, rule_id: str, graph: Mapping[str, Any]) -> None:
        """Store a rule's graph."""
        await self._ask("PUT", f"/rules/{rule_id}/graph", graph)

    async def activate_rule(self, rule_id: str) -> None:
        """Let events set off a rule."""
        await self._ask("POST", f"/rules/{rule_id}/activate")

    async def post_event(self, event: Mapping[str, Any]) -> AcceptedEvent:
        """Tell that something happened to an entity."""
        return exact_json.decode(await self._ask("POST", "/events", event), AcceptedEvent)

    async def get_execution(self, execution_id: str) -> ExecutionView:
        """Ask what became of an execution."""
        return exact_json.decode(
            await self._ask("GET", f"/executions/{execution_id}"), ExecutionView
        )

    async def list_action_types(self) -> set[str]:
        """Return the action types that workers have published."""
        answer = await self._ask("GET", "/action-types")
        return {one.type for one in exact_json.decode(answer, list[_ActionType])}

    async def draw_execution(self, execution_id: str) -> str:
        """Return an execution as Mermaid text."""
        return (await self._ask("GET", f"/executions/{execution_id}/graph.mermaid")).decode()

    async def list_approvals(
        self, *, user: str, role: str, execution_id: str
    ) -> list[ApprovalView]:
        """Ask what somebody may decide of an execution, and has not decided yet."""
        query = urlencode({"user": user, "role": role, "execution_id": execution_id})
        answer = await self._ask("GET", f"/approvals?{query}")
        return exact_json.decode(answer, _ApprovalPage).items

    async def decide(self, approval_id: str, decision: Mapping[str, Any]) -> ApprovalView:
        """Decide an approval; returns it as it stands after that."""
        answer = await self._ask("POST", f"/approvals/{approval_id}/decision", decision)
        return exact_json.decode(answer, ApprovalView)

    async def _ask(self, method: str, path: str, body: object = None) -> bytes:
        data = None if body is None else exact_json.encode(body)
        try:
            status, answer = await asyncio.to_thread(request, self.url, method, PREFIX + path, data)
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(f"{method} {PREFIX}{path}: {error or type(error).__name__}") from error
        if not 200 <= status < 300:
            text = answer.decode(errors="replace")
            raise ApiError(f"{method} {PREFIX}{path} answered {status}: {text}")
        return answer


def request(url: str, method: str, path: str, data: bytes | None = None) -> tuple[int, bytes]:
    """Send a request and return status and body of the response.

    Raises:
        OSError, http.client.HTTPException: there is no response.
    """
    headers = {} if data is None else {"Content-Type": "application/json"}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_SECONDS)
    try:
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
