"""The graph model, marking, templates and conditions of Ichor; pure, without I/O.

Public are the names below; the rooms `contract`, `execution`, `expressions`, `formats`, `graph`,
`simulation`, `testing` and `validation`, each with the names in its `__all__`; and the modules
`action_type`, `errors`, `exact_json`, `explain`, `ids`, `limits` and `telemetry`.
"""

from ichor_core.action_type import ActionKind, ActionPolicy, ActionType
from ichor_core.contract.activity import ActionActivityInput, ActionActivityOutput
from ichor_core.contract.workflow import BranchInput, BranchOutput, WorkflowInput, WorkflowOutput
from ichor_core.errors import IchorError
from ichor_core.execution.marking import Marking
from ichor_core.expressions.context import MergedContext
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.mermaid import to_mermaid
from ichor_core.limits import Limits
from ichor_core.simulation.simulation import Simulation, simulate
from ichor_core.validation.checks import validate
from ichor_core.validation.issues import InvalidGraphError, Issue

__all__ = [
    "ActionActivityInput",
    "ActionActivityOutput",
    "ActionEdge",
    "ActionKind",
    "ActionNode",
    "ActionPolicy",
    "ActionType",
    "BranchInput",
    "BranchOutput",
    "GraphDefinition",
    "GraphExecutor",
    "IchorError",
    "InvalidGraphError",
    "Issue",
    "Limits",
    "Marking",
    "MergedContext",
    "Simulation",
    "WorkflowInput",
    "WorkflowOutput",
    "simulate",
    "to_mermaid",
    "validate",
]
