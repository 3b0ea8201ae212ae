"""Input and output of the activities that run one action.

Every struct is the wire format of recorded histories: a new field has a default, no field is
renamed, and no field changes its meaning.
"""

from typing import Any

from msgspec import Struct, field

from ichor_core.contract.execution import ExecutionRecord
from ichor_core.expressions.context import MergedContext
from ichor_core.ids import ActionId, ExecutionId, RuleId


class ActionActivityInput(Struct, omit_defaults=True, kw_only=True):
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
    """The calling workflow; set where another process must find it again."""
    visit: int = 0
    """Number of this visit of the action; part of its effect key."""
    failed_attempts: int = 0
    """Attempts that failed before this call; those that met storage away do not count."""
    closing: ExecutionRecord | None = None
    """The record to store if this action, the last one, succeeds; saves a round trip at the end.

    The state of the action itself is still to be filled in."""


class ActionActivityOutput(Struct, omit_defaults=True, kw_only=True):
    """The result of the activities that run one action."""

    action_id: ActionId
    action_name: str
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    success: bool = True
    attempts: int = 1
    """Number of the attempt that succeeded."""
    recorded: bool = False
    """Whether `ActionActivityInput.closing` was stored."""
