"""Inputs and outputs of the workflows.

Every struct is the wire format of recorded histories: a new field has a default, no field is
renamed, and no field changes its meaning.
"""

from datetime import datetime
from typing import Any

from msgspec import Struct, field

from ichor_core.action_type import ActionPolicy
from ichor_core.contract.approval import Approval
from ichor_core.contract.execution import ExecutionStatus, FailureInfo
from ichor_core.expressions.context import MergedContext
from ichor_core.graph.definition import ActionNode, GraphDefinition
from ichor_core.ids import ActionId, ExecutionId, RuleId


class RunOptions(Struct, frozen=True, kw_only=True):
    """Options by which a workflow runs its graph; fixed when the execution starts.

    Every field is written out, so that a history keeps its own values when a default changes.
    """

    continue_as_new_after_events: int = 10_000
    continue_as_new_after_actions: int = 5_000
    """Continue as new once this many actions were started in one run."""
    child_min_actions: int = 100
    """Fewest actions of a closed branch that runs as a child workflow; 0: no branch does."""
    max_in_flight: int = 1_000
    """Most actions that run at a time; the server allows 2,000 pending activities."""
    max_local_in_flight: int = 20
    """Most local activities that run at a time; their results travel in one message."""
    max_task_bytes: int = 1_000_000
    """Most bytes that one workflow task sends; the server refuses messages of more than 4 MB."""


class Carried(Struct, omit_defaults=True, kw_only=True):
    """State that a run hands to the next one when it continues as new."""

    marking: str
    """`Marking.to_text()`."""
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])
    results: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """Results, by action name, that an undecided action still references."""
    approvals: dict[ActionId, Approval] = field(default_factory=dict[ActionId, Approval])
    """Approvals that are still pending."""
    wakes: dict[ActionId, dict[str, Any]] = field(default_factory=dict[ActionId, dict[str, Any]])
    """Results of timer actions whose time (`until`) has not come."""
    runs: int = 1
    """Runs before this one."""
    first_started_at: datetime | None = None


class WorkflowInput(Struct, omit_defaults=True, kw_only=True):
    """The input of `ExecuteGraphWorkflow`."""

    rule_id: RuleId
    execution_id: ExecutionId
    graph: GraphDefinition
    trigger_data: dict[str, Any] = field(default_factory=dict[str, Any])
    rule_name: str = ""
    graph_version: int = 0
    interpreter_version: int = 1
    policies: dict[str, ActionPolicy] = field(default_factory=dict[str, ActionPolicy])
    """Policies by action type of the graph."""
    options: RunOptions = RunOptions()
    carried: Carried | None = None
    """Set by continue-as-new only."""


class WorkflowOutput(Struct, frozen=True, omit_defaults=True):
    """The result of `ExecuteGraphWorkflow`."""

    status: ExecutionStatus
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])


class BranchInput(Struct, omit_defaults=True, kw_only=True):
    """The input of `ExecuteBranchUntilConvergence`: a closed branch and the values it reads."""

    start_action: ActionNode
    convergence_point: ActionId | None
    """The action that follows the branch, not part of `graph`; None: there is none."""
    graph: GraphDefinition
    """The branch alone."""
    initial_context: MergedContext
    """Trigger fields and results from outside that the branch references."""
    rule_id: RuleId
    execution_id: ExecutionId
    rule_name: str = ""
    interpreter_version: int = 1
    policies: dict[str, ActionPolicy] = field(default_factory=dict[str, ActionPolicy])
    options: RunOptions = RunOptions()
    exports: list[str] = field(default_factory=list[str])
    """Names of its actions whose results are referenced outside the branch."""
    carried: Carried | None = None


class BranchOutput(Struct, omit_defaults=True):
    """The result of `ExecuteBranchUntilConvergence`; it recorded its own actions."""

    action_results: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """By action name; only those of `BranchInput.exports`."""
    marking: str = ""
    """`Marking.to_text()` of the branch."""
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])
