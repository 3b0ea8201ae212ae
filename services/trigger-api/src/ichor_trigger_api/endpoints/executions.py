"""Executions of graphs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.enums import MediaType
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from ichor_core.contract import ExecutionStatus
from ichor_core.graph import to_mermaid
from ichor_core.ids import EventId, ExecutionId, RuleId
from ichor_edgestore.database import Page
from ichor_edgestore.executions import Execution, ExecutionFilter, PostgresExecutionStore
from ichor_engine.executions import Canceller, ExecutionReader, ExecutionView
from ichor_trigger_api.http.parameters import (
    Cursor,
    ExecutionKey,
    Given,
    Limit,
    Text,
    checked_cursor,
    in_utc,
    storable,
)
from ichor_trigger_api.http.problems import problems

Statuses = Annotated[
    list[ExecutionStatus] | None,
    QueryParameter(description="Statuses to list, several as ?status=failed&status=timed_out"),
]


class Cancellation(Struct, frozen=True):
    """The answer to a request to cancel."""

    execution_id: ExecutionId
    status: ExecutionStatus
    """`running` until its workflow has ended."""


class ExecutionPage(Page[Execution], frozen=True):
    """A page of executions, the newest first."""


class ExecutionController(Controller):
    """The endpoints of executions."""

    path = "/executions"
    tags = ("executions",)

    @get(responses=problems(), summary="List executions")
    async def list_executions(  # noqa: PLR0913 - each is a filter
        self,
        *,
        executions: Given[PostgresExecutionStore],
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
        page = await executions.list(
            ExecutionFilter(
                rule_id=None if rule_id is None else RuleId(str(rule_id)),
                statuses=tuple(status) if status else None,
                event_id=None if event_id is None else EventId(str(event_id)),
                entity_name=entity_name,
                entity_id=entity_id,
                created_after=in_utc("created_after", created_after),
                created_before=in_utc("created_before", created_before),
            ),
            checked_cursor(cursor),
            limit,
        )
        return ExecutionPage(page.items, page.next_cursor)

    @get("/{execution_id:uuid}", responses=problems(404), summary="Read an execution")
    async def get_execution(
        self, execution_id: ExecutionKey, reader: Given[ExecutionReader]
    ) -> ExecutionView:
        """Return an execution and every action of its graph.

        While it runs, its workflow is queried. If that fails, `live` is false: the last record and
        the pending approvals are returned, and the status of all other actions is `unknown`.
        """
        return (await reader.read(ExecutionId(str(execution_id)))).view

    @get(
        "/{execution_id:uuid}/graph.mermaid",
        media_type=MediaType.TEXT,
        responses=problems(404),
        summary="Draw an execution",
    )
    async def draw_execution(
        self, execution_id: ExecutionKey, reader: Given[ExecutionReader]
    ) -> str:
        """Return the graph as a Mermaid flowchart, its actions coloured by their status.

        Statuses are those of "Read an execution".
        """
        view, graph = await reader.read(ExecutionId(str(execution_id)))
        return to_mermaid(graph, {action.id: action.status for action in view.actions})

    @post(
        "/{execution_id:uuid}/cancel",
        status_code=202,
        responses=problems(404, 409),
        summary="Cancel an execution",
    )
    async def cancel_execution(
        self, execution_id: ExecutionKey, canceller: Given[Canceller]
    ) -> Cancellation:
        """Cancel an execution: running actions are told to stop, and no further action starts.

        A pending execution never starts. One that has ended is not changed (409).
        """
        key = ExecutionId(str(execution_id))
        return Cancellation(key, await canceller.cancel(key))
