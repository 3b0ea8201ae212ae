"""Takes a decision to the workflow that waits for it, and says why it cannot be taken."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from temporalio.client import RPCTimeoutOrCancelledError, WorkflowUpdateFailedError
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from ichor_core import exact_json
from ichor_core.contract import DECIDE_UPDATE, TERMINAL_STATUSES, Decision, DecisionResult
from ichor_core.errors import NotFoundError
from ichor_edgestore.approvals import StoredApproval
from ichor_trigger_api.executions.observation import TemporalAwayError, is_no_workflow
from ichor_trigger_api.executions.reconciliation import look_at
from ichor_trigger_api.http.problems import ProblemError, ProblemItem
from ichor_trigger_api.parts import Parts
from ichor_trigger_api.rules.config_check import shorten

DECIDE_SECONDS = 5.0
"""How long a workflow has to take a decision."""
_TRIES = 40
_TRY_AGAIN_SECONDS = 0.05


async def decide(parts: Parts, decision: Decision) -> StoredApproval:
    """Take a decision and return the approval after it.

    Raises:
        NotFoundError: there is no such approval.
        ProblemError: 403 where this person may not decide it, 409 where it cannot be decided any
            more or this person has decided, 422 where the form is not filled in as it asks, 503
            where its workflow does not answer.
    """
    approval = await parts.approvals.get(decision.approval_id)
    _check_open(approval, decision)
    reason = approval.why_not(decision)
    if reason is not None:
        raise ProblemError(403, "not-allowed", reason)
    check_form(approval.form, decision.form)
    for _ in range(_TRIES):
        if await _is_taken(parts, approval, decision):
            return await parts.approvals.get(decision.approval_id)
        # The workflow and storage may differ for a moment: it does not wait yet, or has taken
        # another decision that is still being stored.
        _check_open(await parts.approvals.get(decision.approval_id), decision)
        await asyncio.sleep(_TRY_AGAIN_SECONDS)
    raise _away("its workflow does not take it")


def _check_open(approval: StoredApproval, decision: Decision) -> None:
    """Refuse a decision that comes too late; the problem names the approval's status.

    Raises:
        ProblemError: 409.
    """
    state = approval.status.replace("_", " ")
    if approval.status != "pending":
        reason = f"approval {approval.id} is {state} already"
    elif any(one.user == decision.user for one in approval.decisions):
        reason = f"{decision.user!r} has decided already"
    else:
        return
    item = ProblemItem(message=f"the approval is {state}", code=approval.status)
    raise ProblemError(409, "already-decided", reason, [item])


def check_form(form: dict[str, Any], filled: dict[str, Any]) -> None:
    """Hold what was filled in against the form.

    Raises:
        ProblemError: 422, with the place of each fault.
    """
    # Nothing is fetched from elsewhere: the registry is empty.
    validator = cast(
        Any,
        Draft202012Validator(
            exact_json.with_floats(form),
            format_checker=Draft202012Validator.FORMAT_CHECKER,
            registry=Registry(),
        ),
    )
    errors: Iterable[ValidationError] = validator.iter_errors(exact_json.with_floats(filled))
    faults = sorted({(_path(error), shorten(error.message)) for error in errors})
    if faults:
        items = [
            ProblemItem(message=message, code="invalid_value", path=path)
            for path, message in faults
        ]
        path, message = faults[0]
        raise ProblemError(422, "invalid-form", f"{path}: {message}", items)


def _path(error: ValidationError) -> str:
    return error.json_path.replace("$", "$.form", 1)


async def _is_taken(parts: Parts, approval: StoredApproval, decision: Decision) -> bool:
    """Ask the workflow to take the decision, and say whether it did.

    Raises:
        ProblemError: 503, where it does not answer.
    """
    handle = parts.client.get_workflow_handle(approval.workflow_id)
    try:
        async with asyncio.timeout(DECIDE_SECONDS):
            await cast(Any, handle).execute_update(  # the SDK leaves a parameter without a type
                DECIDE_UPDATE,
                decision,
                result_type=DecisionResult,
                rpc_timeout=timedelta(seconds=DECIDE_SECONDS),
            )
    except WorkflowUpdateFailedError:
        return False
    except (TimeoutError, RPCTimeoutOrCancelledError) as error:
        raise _away(f"its workflow did not answer within {DECIDE_SECONDS:g} s") from error
    except RPCError as error:
        if not is_no_workflow(error):
            raise _away(f"Temporal does not answer: {error.message}") from error
    except (TemporalError, RuntimeError) as error:
        # A client that has never been connected raises a bare RuntimeError.
        raise _away(f"Temporal does not answer: {error}") from error
    else:
        return True
    await _withdraw(parts, approval)
    return False


async def _withdraw(parts: Parts, approval: StoredApproval) -> None:
    """Close an approval whose workflow has ended without a word."""
    try:
        execution = (await parts.executions.get(approval.execution_id)).execution
        if execution.status not in TERMINAL_STATUSES and await look_at(parts, execution):
            raise _away("its workflow is between two runs")
    except NotFoundError:
        pass  # a workflow that nobody reported: only the approval is known
    except TemporalAwayError as error:
        raise _away(str(error)) from error
    await parts.approvals.close_approval(approval.id, "withdrawn")


def _away(reason: str) -> ProblemError:
    return ProblemError(
        503,
        "unavailable",
        f"the decision could not be confirmed; read the approval, or send it again: {reason}",
        (),
        {"Retry-After": "5"},
    )
