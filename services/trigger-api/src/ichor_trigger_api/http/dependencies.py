"""The parts of the application that handlers use."""

from collections.abc import Sequence

from msgspec import Struct

from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.alerts import PostgresAlertStore
from ichor_edgestore.approvals import PostgresApprovalStore
from ichor_edgestore.executions import PostgresExecutionStore
from ichor_edgestore.rules import PostgresRuleStore
from ichor_engine.approvals import Decider
from ichor_engine.events import EventIntake
from ichor_engine.executions import Canceller, ExecutionReader
from ichor_engine.rules import RuleEditor, RuleGraphs
from ichor_runtime.health import Check


class Dependencies(Struct, frozen=True, kw_only=True):
    """A handler gets each of these by naming it as a parameter, and only what it names."""

    action_types: PostgresActionTypeStore
    alerts: PostgresAlertStore
    approvals: PostgresApprovalStore
    canceller: Canceller
    decider: Decider
    executions: PostgresExecutionStore
    health_checks: Sequence[Check]
    intake: EventIntake
    reader: ExecutionReader
    rule_editor: RuleEditor
    rule_graphs: RuleGraphs
    rules: PostgresRuleStore
