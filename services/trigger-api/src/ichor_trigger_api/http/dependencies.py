"""The parts of the application that handlers use."""

from collections.abc import Sequence

from msgspec import Struct

from ichor_edgestore.action_types import ActionTypeStore
from ichor_edgestore.alerts import AlertStore
from ichor_edgestore.approvals import ApprovalStore
from ichor_edgestore.executions import ExecutionStore
from ichor_edgestore.rules import RuleStore
from ichor_runtime.health import Check
from ichor_trigger_api.approvals.decision import Decider
from ichor_trigger_api.events.intake import EventIntake
from ichor_trigger_api.executions.cancellation import Canceller
from ichor_trigger_api.executions.reading import ExecutionReader
from ichor_trigger_api.rules.editing import RuleEditor
from ichor_trigger_api.rules.rule_graphs import RuleGraphs


class Dependencies(Struct, frozen=True, kw_only=True):
    """A handler gets each of these by naming it as a parameter, and only what it names."""

    action_types: ActionTypeStore
    alerts: AlertStore
    approvals: ApprovalStore
    canceller: Canceller
    decider: Decider
    executions: ExecutionStore
    health_checks: Sequence[Check]
    intake: EventIntake
    reader: ExecutionReader
    rule_editor: RuleEditor
    rule_graphs: RuleGraphs
    rules: RuleStore
