"""One run of the workflow of an execution: interprets the graph, and records it."""

import asyncio
from typing import ClassVar

from msgspec.structs import replace
from temporalio import workflow

from ichor_core.contract import (
    Carried,
    ExecutionRecord,
    ExecutionStatus,
    FailureInfo,
    WorkflowInput,
)
from ichor_core.execution import EndStatus
from ichor_core.expressions import MergedContext
from ichor_workflows.v1.failure import CANCELLED, CANCELLED_MESSAGE
from ichor_workflows.v1.interpreter import Interpreter
from ichor_workflows.v1.recording import record, shrink


class GraphRun:
    """Runs the graph of an execution, or the rest of it after continue-as-new.

    Args:
        start: the workflow's input.
    """

    interpreter_type: ClassVar[type[Interpreter]] = Interpreter

    def __init__(self, start: WorkflowInput) -> None:
        self._start = start
        self.interpreter = self.interpreter_type(start, MergedContext(start.trigger_data))
        self.status: ExecutionStatus = "running"
        """As it was recorded last."""
        self.error: FailureInfo | None = None
        """Why the execution failed, if it did."""

    async def run(self) -> Carried | None:
        """Run the graph and report.

        Returns:
            The input of the next run; None: the execution has ended, see `status` and `error`.
        """
        interpreter = self.interpreter
        try:
            finished = await interpreter.run(self._closing)
        except asyncio.CancelledError:
            await self._record("cancelled", FailureInfo(CANCELLED_MESSAGE, CANCELLED))
            raise
        if not finished:
            await self._record("running")
            carried = await shrink(interpreter.carry())
            await workflow.wait_condition(workflow.all_handlers_finished)
            # A decision may have been taken meanwhile.
            return replace(carried, approvals=interpreter.waits.approvals)
        await workflow.wait_condition(workflow.all_handlers_finished)
        status, self.error = self._judge()
        if status != interpreter.closed_as:
            await self._record(status, self.error)
        self.status = status
        return None

    def _judge(self) -> tuple[ExecutionStatus, FailureInfo | None]:
        interpreter = self.interpreter
        if interpreter.undecided:
            return "failed", FailureInfo(
                f"the graph has a cycle: {len(interpreter.undecided)} actions were never decided",
                "InvalidGraph",
            )
        status = interpreter.end_status()
        if status != "failed":
            return status, None
        first = interpreter.failures[0]
        message = f"action {first.action_name!r} ({first.action_type}) failed: {first.message}"
        if len(interpreter.failures) > 1:
            message += f" (and {len(interpreter.failures) - 1} more)"
        return status, replace(first, message=message)

    def _closing(self, status: EndStatus) -> ExecutionRecord:
        return self._report(status)

    async def _record(self, status: ExecutionStatus, error: FailureInfo | None = None) -> None:
        self.status = status
        await record(self._report(status, error))
        self.interpreter.mark_recorded()

    def _report(self, status: ExecutionStatus, error: FailureInfo | None = None) -> ExecutionRecord:
        interpreter = self.interpreter
        ended = status != "running"
        return ExecutionRecord(
            execution_id=self._start.execution_id,
            status=status,
            started_at=interpreter.first_started_at,
            finished_at=workflow.now() if ended else None,
            error=error,
            failures=interpreter.failures,
            actions=interpreter.unrecorded(at_end=ended),
            runs=interpreter.runs,
        )
