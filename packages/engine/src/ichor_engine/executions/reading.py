"""Reads an execution with the present state of its workflow."""

from typing import NamedTuple

from ichor_core.errors import ConflictError, NotFoundError
from ichor_core.graph import GraphDefinition
from ichor_core.ids import ExecutionId
from ichor_edgestore.approvals import ApprovalFilter, PostgresApprovalStore, StoredApproval
from ichor_edgestore.database import MAX_LIMIT
from ichor_edgestore.executions import Execution, PostgresExecutionStore
from ichor_edgestore.rules import PostgresRuleStore
from ichor_engine.errors import TemporalUnavailableError
from ichor_engine.executions.reconciliation import Reconciler
from ichor_engine.executions.view import ExecutionView, view


class ReadExecution(NamedTuple):
    """An execution as users see it, and the graph that it runs."""

    view: ExecutionView
    graph: GraphDefinition


class ExecutionReader:
    """Reads executions.

    Args:
        executions: the stored executions.
        rules: the versions of their graphs.
        approvals: pending ones are shown where the workflow does not answer.
        reconciler: asks the workflow of one that runs.
    """

    def __init__(
        self,
        executions: PostgresExecutionStore,
        rules: PostgresRuleStore,
        approvals: PostgresApprovalStore,
        reconciler: Reconciler,
    ) -> None:
        self._executions = executions
        self._rules = rules
        self._approvals = approvals
        self._reconciler = reconciler

    async def read(self, execution_id: ExecutionId) -> ReadExecution:
        """Return an execution; while it runs, with the state of its workflow.

        Where the workflow does not answer, the view says why.

        Raises:
            NotFoundError: there is no such execution.
        """
        detail = await self._executions.get(execution_id)
        graph = await self._graph(detail.execution)
        if detail.execution.status != "running":
            return ReadExecution(view(detail, graph), graph)
        try:
            live = await self._reconciler.reconcile(detail.execution)
        except (ConflictError, TemporalUnavailableError) as error:
            asked = await self._pending_approvals(execution_id)
            return ReadExecution(view(detail, graph, reason=str(error), asked=asked), graph)
        if live is None:  # it has ended meanwhile
            detail = await self._executions.get(execution_id)
        return ReadExecution(view(detail, graph, live), graph)

    async def _pending_approvals(self, execution_id: ExecutionId) -> list[StoredApproval]:
        wanted = ApprovalFilter("pending", execution_id)
        page = await self._approvals.list(wanted, limit=MAX_LIMIT)
        found = list(page.items)
        while page.next_cursor is not None:
            page = await self._approvals.list(wanted, page.next_cursor, MAX_LIMIT)
            found += page.items
        return found

    async def _graph(self, execution: Execution) -> GraphDefinition:
        if execution.rule_id is None:
            return GraphDefinition()  # started elsewhere: only records of it are known
        try:
            stored = await self._rules.read_graph_version(
                execution.rule_id, execution.graph_version
            )
        except NotFoundError:
            return GraphDefinition()
        return stored.graph
