"""What the services say to each other: names, and the structs that travel.

Every struct is the wire format of recorded histories. A new field has a default; a field is
never renamed, and its meaning never changes.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from ichor_core.action_type import ActionPolicy
from ichor_core.contract.approval import Approval
from ichor_core.execution.marking import ActionStatus
from ichor_core.expressions.context import MergedContext
from ichor_core.graph.definition import ActionNode, GraphDefinition
from ichor_core.ids import ActionId, ExecutionId, RuleId

TASK_QUEUE = "ichor-workflow-queue"
INTERPRETER_VERSION = 1
"""The newest interpreter. Raise it with every change that alters what a history replays to."""

EXECUTE_GRAPH_WORKFLOW = "ExecuteGraphWorkflow"
EXECUTE_BRANCH_WORKFLOW = "ExecuteBranchUntilConvergence"
EXECUTE_ACTION_ACTIVITY = "ExecuteActionActivity"
EXECUTE_ASYNC_ACTION_ACTIVITY = "ExecuteAsyncActionActivity"
RECORD_EXECUTION_ACTIVITY = "RecordExecutionActivity"
OFFLOAD_RESULTS_ACTIVITY = "OffloadResultsActivity"
EXECUTION_STATE_QUERY = "execution_state"

ExecutionStatus = Literal[
    "pending",
    "running",
    "completed",
    "completed_with_failures",
    "failed",
    "cancelled",
    "timed_out",
]
TERMINAL_STATUSES: tuple[ExecutionStatus, ...] = (
    "completed",
    "completed_with_failures",
    "failed",
    "cancelled",
    "timed_out",
)


class FailureInfo(Struct, frozen=True, omit_defaults=True):
    """Why an action or an execution failed."""

    message: str
    type: str = ""
    """The kind of error, such as `TemplateError`; stable, for programs."""
    action_id: ActionId | None = None
    action_name: str = ""
    action_type: str = ""


class ActionState(Struct, omit_defaults=True):
    """What became of one action of one execution, so far."""

    action_id: ActionId
    status: ActionStatus = "waiting"
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    error: FailureInfo | None = None
    result: dict[str, Any] | None = None
    """None where there is none yet, or where it was left out for its size."""


class ExecutionState(Struct, omit_defaults=True):
    """The answer to the query for the state of a running execution."""

    status: ExecutionStatus
    actions: list[ActionState]
    """Every action of the graph, ordered by id; a branch that runs as a child shows its head."""
    branches: dict[ActionId, str] = field(default_factory=dict[ActionId, str])
    """Child workflows that run now: head of the branch → workflow id."""
    runs: int = 1
    interpreter_version: int = 1


class RunOptions(Struct, frozen=True):
    """How a workflow runs its graph; fixed when the execution starts.

    Every field is written out, so that a history keeps its own values when a default changes.
    """

    continue_as_new_after_events: int = 10_000
    continue_as_new_after_actions: int = 5_000
    """Continue as new once this many actions were started in one run."""
    child_min_actions: int = 100
    """A closed branch of at least so many actions runs as a child workflow; 0: none does."""
    max_in_flight: int = 1_000
    """Actions that run at a time; the server allows 2,000 pending activities."""
    max_local_in_flight: int = 20
    """Local activities that run at a time; their results travel in one message."""
    max_task_bytes: int = 1_000_000
    """What one workflow task may send; the server refuses messages of more than 4 MB."""


class Carried(Struct, omit_defaults=True):
    """What a run hands to the next one when it continues as new."""

    marking: str
    """`Marking.to_text()`."""
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])
    results: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """Results, by action name, that an undecided action still references."""
    approvals: dict[ActionId, Approval] = field(default_factory=dict[ActionId, Approval])
    """Approvals that are waited for."""
    wakes: dict[ActionId, dict[str, Any]] = field(default_factory=dict[ActionId, dict[str, Any]])
    """Results of timer actions whose time (`until`) has not come."""
    runs: int = 1
    """Runs before this one."""
    first_started_at: datetime | None = None


class WorkflowInput(Struct, omit_defaults=True):
    """The input of `ExecuteGraphWorkflow`."""

    rule_id: RuleId
    execution_id: ExecutionId
    graph: GraphDefinition
    trigger_data: dict[str, Any] = field(default_factory=dict[str, Any])
    rule_name: str = ""
    graph_version: int = 0
    interpreter_version: int = 1
    policies: dict[str, ActionPolicy] = field(default_factory=dict[str, ActionPolicy])
    """How each action type of the graph runs."""
    options: RunOptions = RunOptions()
    carried: Carried | None = None
    """Set by continue-as-new only."""


class WorkflowOutput(Struct, frozen=True, omit_defaults=True):
    """The result of `ExecuteGraphWorkflow`."""

    status: ExecutionStatus
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])


class BranchInput(Struct, omit_defaults=True):
    """The input of `ExecuteBranchUntilConvergence`: a closed branch and what it references."""

    start_action: ActionNode
    convergence_point: ActionId | None
    """Where the branch leads; not part of `graph`. None: it leads nowhere."""
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


class ExecutionRecord(Struct, omit_defaults=True):
    """What a workflow reports to storage: at its end, and before it continues as new."""

    execution_id: ExecutionId
    status: ExecutionStatus
    started_at: datetime
    finished_at: datetime | None = None
    error: FailureInfo | None = None
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])
    """Failures of detached branches."""
    actions: list[ActionState] = field(default_factory=list[ActionState])
    """States that changed since the last report, with results."""
    runs: int = 1


class ActionActivityInput(Struct, omit_defaults=True):
    """The input of the activities that run one action."""

    action_id: ActionId
    action_name: str
    action_type: str
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    context: MergedContext = field(default_factory=MergedContext)
    """Only the trigger fields and results that the config references."""
    rule_id: RuleId = RuleId("")
    execution_id: ExecutionId = ExecutionId("")
    workflow_id: str = ""
    """The workflow that asks for it; filled in where somebody must find it again."""
    visit: int = 0
    """Which visit of this action; part of the key under which its effect happens once."""
    closing: ExecutionRecord | None = None
    """What to report if this action, the last one, succeeds; saves a round trip for the end.

    Its own state is still to be filled in."""


class ActionActivityOutput(Struct, omit_defaults=True):
    """The result of the activities that run one action."""

    action_id: ActionId
    action_name: str
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    success: bool = True
    attempts: int = 1
    """The attempt that succeeded."""
    recorded: bool = False
    """Whether `ActionActivityInput.closing` was stored."""
