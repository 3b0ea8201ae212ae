"""Executions: what runs, what ran, and how to stop it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.enums import MediaType
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from ichor_core.contract import ExecutionStatus
from ichor_core.errors import NotFoundError
from ichor_core.graph import GraphDefinition, to_mermaid
from ichor_core.ids import EventId, ExecutionId, RuleId
from ichor_edgestore.approvals import ApprovalFilter, StoredApproval
from ichor_edgestore.database import MAX_LIMIT, Page
from ichor_edgestore.executions import Execution, ExecutionFilter
from ichor_trigger_api.executions.cancellation import cancel
from ichor_trigger_api.executions.observation import TemporalAwayError
from ichor_trigger_api.executions.reconciliation import look_at
from ichor_trigger_api.executions.view import ExecutionView, view
from ichor_trigger_api.http.parameters import (
    Cursor,
    ExecutionKey,
    GivenParts,
    Limit,
    Text,
    checked_cursor,
    in_utc,
    storable,
)
from ichor_trigger_api.http.problems import problems
from ichor_trigger_api.parts import Parts

Statuses = Annotated[
    list[ExecutionStatus] | None,
    QueryParameter(description="Several: ?status=failed&status=timed_out"),
]


class Cancellation(Struct, frozen=True):
    """The answer to a request to cancel."""

    execution_id: ExecutionId
    status: ExecutionStatus
    """`running` until what runs has been told to end."""


class ExecutionPage(Page[Execution], frozen=True):
    """A part of the list of executions, the newest first."""


class ExecutionController(Controller):
    """The endpoints of executions."""

    path = "/executions"
    tags = ("executions",)

    @get(responses=problems(), summary="List executions")
    async def list_executions(  # noqa: PLR0913 - each is a filter
        self,
        *,
        parts: GivenParts,
        rule_id: FromQuery[UUID | None] = None,
        status: Statuses = None,
        event_id: FromQuery[UUID | None] = None,
        entity_name: Text = None,
        entity_id: Text = None,
        created_after: FromQuery[datetime | None] = None,
        created_before: FromQuery[datetime | None] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ExecutionPage:
        """List executions, the newest first.

        `created_after` is inclusive, `created_before` is not; times without a zone are in UTC.
        """
        storable(entity_name=entity_name, entity_id=entity_id)
        page = await parts.executions.list(
            ExecutionFilter(
                rule_id=None if rule_id is None else RuleId(str(rule_id)),
                statuses=tuple(status) if status else None,
                event_id=None if event_id is None else EventId(str(event_id)),
                entity_name=entity_name,
                entity_id=entity_id,
                created_from=in_utc("created_after", created_after),
                created_before=in_utc("created_before", created_before),
            ),
            checked_cursor(cursor),
            limit,
        )
        return ExecutionPage(page.items, page.next_cursor)

    @get("/{execution_id:uuid}", responses=problems(404), summary="Read an execution")
    async def get_execution(self, execution_id: ExecutionKey, parts: GivenParts) -> ExecutionView:
        """Return an execution and every action of its graph.

        While it runs its workflow is asked. Where that is not possible, `live` is false: what was
        reported last and what people are asked is returned, and actions of which neither says
        anything are `unknown`.
        """
        _, shown = await _look_up(parts, execution_id)
        return shown

    @get(
        "/{execution_id:uuid}/graph.mermaid",
        media_type=MediaType.TEXT,
        responses=problems(404),
        summary="Draw an execution",
    )
    async def draw_execution(self, execution_id: ExecutionKey, parts: GivenParts) -> str:
        """Return the graph as a Mermaid flowchart, its actions coloured by their status.

        Actions are `unknown` as they are where the execution is read.
        """
        graph, shown = await _look_up(parts, execution_id)
        return to_mermaid(graph, {action.id: action.status for action in shown.actions})

    @post(
        "/{execution_id:uuid}/cancel",
        status_code=202,
        responses=problems(404, 409),
        summary="Cancel an execution",
    )
    async def cancel_execution(self, execution_id: ExecutionKey, parts: GivenParts) -> Cancellation:
        """Ask an execution to end: what runs is told so, and nothing more is started.

        One that has not been started never will be. One that has ended is not changed (409).
        """
        key = ExecutionId(str(execution_id))
        return Cancellation(key, await cancel(parts, key))


async def _look_up(parts: Parts, execution_id: UUID) -> tuple[GraphDefinition, ExecutionView]:
    """Return an execution as users see it, and the graph that it runs."""
    key = ExecutionId(str(execution_id))
    detail = await parts.executions.get(key)
    graph = await _graph(parts, detail.execution)
    if detail.execution.status != "running":
        return graph, view(detail, graph)
    try:
        live = await look_at(parts, detail.execution)
    except TemporalAwayError as error:
        asked = await _pending_approvals(parts, key)
        return graph, view(detail, graph, reason=str(error), asked=asked)
    if live is None:  # it has ended meanwhile
        detail = await parts.executions.get(key)
    return graph, view(detail, graph, live)


async def _pending_approvals(parts: Parts, execution_id: ExecutionId) -> list[StoredApproval]:
    wanted = ApprovalFilter("pending", execution_id)
    page = await parts.approvals.list(wanted, limit=MAX_LIMIT)
    found = list(page.items)
    while page.next_cursor is not None:
        page = await parts.approvals.list(wanted, page.next_cursor, MAX_LIMIT)
        found += page.items
    return found


async def _graph(parts: Parts, execution: Execution) -> GraphDefinition:
    if execution.rule_id is None:
        return GraphDefinition()  # only reports came in: no event of ours set it off
    try:
        stored = await parts.rules.read_graph_version(execution.rule_id, execution.graph_version)
    except NotFoundError:
        return GraphDefinition()
    return stored.graph
