"""Takes the decision of a user to the workflow that waits for it."""

import asyncio
from datetime import timedelta
from typing import Any, cast

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError

from ichor_core.contract import DECIDE_UPDATE, TERMINAL_STATUSES, Decision, DecisionResult
from ichor_core.errors import ConflictError, NotFoundError
from ichor_edgestore.approvals import PostgresApprovalStore, StoredApproval
from ichor_edgestore.executions import PostgresExecutionStore
from ichor_engine._outages import is_no_workflow, temporal_calls
from ichor_engine.errors import (
    AlreadyDecidedError,
    InvalidFormError,
    NotPermittedError,
    TemporalUnavailableError,
)
from ichor_engine.executions.reconciliation import Reconciler
from ichor_runtime.json_schema import JsonSchema

DECIDE_SECONDS = 5.0
"""Seconds that a workflow has to take a decision."""
_TRIES = 40
_RETRY_SECONDS = 0.05


class Decider:
    """Takes decisions of users to workflows.

    Args:
        approvals: the stored approvals.
        executions: the executions that they belong to.
        reconciler: tells whether the execution of an unknown workflow has ended.
        client: hands the decision over.
    """

    def __init__(
        self,
        approvals: PostgresApprovalStore,
        executions: PostgresExecutionStore,
        reconciler: Reconciler,
        client: Client,
    ) -> None:
        self._approvals = approvals
        self._executions = executions
        self._reconciler = reconciler
        self._client = client

    async def decide(self, decision: Decision) -> StoredApproval:
        """Take a decision and return the approval after it.

        Raises:
            NotFoundError: there is no such approval.
            AlreadyDecidedError: the approval is closed, or this user has decided.
            NotPermittedError: this user may not decide it.
            InvalidFormError: the form is not filled in as it asks.
            TemporalUnavailableError: its workflow does not answer.
        """
        approval = await self._approvals.get(decision.approval_id)
        _check_open(approval, decision)
        reason = approval.why_not(decision)
        if reason is not None:
            raise NotPermittedError(reason)
        check_form(approval.form, decision.form)
        try:
            return await self._hand_over(approval, decision)
        except TemporalUnavailableError as error:
            raise TemporalUnavailableError(
                f"the decision could not be confirmed; read the approval, or send it again: {error}"
            ) from error

    async def _hand_over(self, approval: StoredApproval, decision: Decision) -> StoredApproval:
        for _ in range(_TRIES):
            if await self._is_taken(approval, decision):
                return await self._approvals.get(decision.approval_id)
            # The workflow and storage may differ for a moment: it does not wait yet, or has taken
            # another decision that is still being stored.
            _check_open(await self._approvals.get(decision.approval_id), decision)
            await asyncio.sleep(_RETRY_SECONDS)
        raise TemporalUnavailableError("its workflow did not accept it")

    async def _is_taken(self, approval: StoredApproval, decision: Decision) -> bool:
        """Ask the workflow to take the decision, and say whether it did."""
        handle = self._client.get_workflow_handle(approval.workflow_id)
        with temporal_calls(DECIDE_SECONDS):
            try:
                async with asyncio.timeout(DECIDE_SECONDS):
                    await cast(Any, handle).execute_update(  # a parameter has no type in the SDK
                        DECIDE_UPDATE,
                        decision,
                        result_type=DecisionResult,
                        rpc_timeout=timedelta(seconds=DECIDE_SECONDS),
                    )
            except WorkflowUpdateFailedError:
                return False
            except RPCError as error:
                if not is_no_workflow(error):
                    raise
            else:
                return True
        await self._withdraw(approval)
        return False

    async def _withdraw(self, approval: StoredApproval) -> None:
        """Close an approval whose workflow has ended without closing it."""
        try:
            execution = (await self._executions.get(approval.execution_id)).execution
            if execution.status not in TERMINAL_STATUSES and await self._reconciler.reconcile(
                execution
            ):
                raise TemporalUnavailableError("its workflow is between two runs")
        except NotFoundError:
            pass  # an execution of which there is no record: only the approval is known
        except ConflictError as error:
            raise TemporalUnavailableError(str(error)) from error
        await self._approvals.close_approval(approval.id, "withdrawn")


def check_form(form: dict[str, Any], filled: dict[str, Any]) -> None:
    """Hold the values of a form against its schema.

    Raises:
        InvalidFormError: with the place of each fault below `$.form`.
    """
    faults = JsonSchema(form).faults(filled)
    if faults:
        raise InvalidFormError(
            [(path.replace("$", "$.form", 1), message) for path, message in faults]
        )


def _check_open(approval: StoredApproval, decision: Decision) -> None:
    """Refuse a decision that comes too late.

    Raises:
        AlreadyDecidedError: the approval is closed, or this user has decided.
    """
    if approval.status != "pending":
        state = approval.status.replace("_", " ")
        raise AlreadyDecidedError(f"approval {approval.id} is {state} already", approval.status)
    if any(one.user == decision.user for one in approval.decisions):
        raise AlreadyDecidedError(f"{decision.user!r} has decided already", approval.status)
