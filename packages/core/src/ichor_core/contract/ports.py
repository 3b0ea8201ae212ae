"""Protocols of storage and messaging; each implementation passes the same contract tests."""

from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct

from ichor_core.contract.approval import Approval, ApprovalStatus, Decision
from ichor_core.contract.execution import ExecutionRecord
from ichor_core.contract.messages import ActionRequest
from ichor_core.graph.definition import ActionEdge, ActionNode
from ichor_core.ids import ActionId, ExecutionId, RuleId


class EffectKey(Struct, frozen=True):
    """Idempotency key of an effect: the same for every attempt of one visit of an action."""

    execution_id: ExecutionId
    action_id: ActionId
    visit: int = 0

    def __str__(self) -> str:
        return f"{self.execution_id}/{self.action_id}/{self.visit}"


class EdgeStore(Protocol):
    """Reads the stored graph of a rule; for programs that run graphs from rows."""

    async def query_actions_by_rule(self, rule_id: RuleId) -> list[ActionNode]:
        """Return the rule's actions; an empty list where there is no such rule."""
        ...

    async def query_edges_by_rule(self, rule_id: RuleId) -> list[ActionEdge]:
        """Return the rule's edges; an empty list where there is no such rule."""
        ...


class ExecutionRecorder(Protocol):
    """Stores the records of executions."""

    async def record(self, record: ExecutionRecord) -> None:
        """Store a record; storing it again changes nothing."""
        ...


class ValueStore(Protocol):
    """Stores values that are too large for a workflow's history, by digest."""

    async def put(self, digest: str, data: bytes) -> None:
        """Store a value under its SHA-256 in hex; storing it again changes nothing."""
        ...

    async def get(self, digest: str) -> bytes:
        """Return a value.

        Raises:
            NotFoundError: nothing is stored under this digest.
        """
        ...


class EffectStore(Protocol):
    """Changes rows of declared tables, once for each effect key.

    The effect, the mark that it happened and its result are one transaction; a second call with
    the same key changes nothing and returns the first result.
    """

    async def create_record(
        self, key: EffectKey, table: str, values: dict[str, Any]
    ) -> dict[str, Any]:
        """Insert a row into a declared table.

        Returns:
            ``{"created": true, "record": {column: value, …}}``

        Raises:
            InvalidInputError: a table or column that is not declared, or a value the table refuses.
        """
        ...

    async def update_records(
        self, key: EffectKey, table: str, changes: dict[str, Any], where: Any
    ) -> dict[str, Any]:
        """Change the rows of a declared table that fulfil the condition `where`.

        Args:
            key: the idempotency key.
            table: a declared table.
            changes: column → new value.
            where: a condition (`ichor_core.expressions.condition`) over the columns of a row.

        Returns:
            ``{"updated": number of rows}``

        Raises:
            InvalidInputError: a table or column that is not declared, or a value the table refuses.
        """
        ...

    async def create_alert(self, key: EffectKey, alert: dict[str, Any]) -> dict[str, Any]:
        """Store an alert: `title`, `message`, `severity`, `recipients`, `details`.

        Returns:
            ``{"alert_id": uuid text}``
        """
        ...


class ActionTypeStore(Protocol):
    """Stores the published descriptions of action types."""

    async def publish_action_types(self, types: Sequence[Any]) -> None:
        """Add or replace the descriptions (`ActionType`) by their type."""
        ...


class RequestPublisher(Protocol):
    """Sends requests to the systems that complete actions."""

    async def publish(self, request: ActionRequest) -> None:
        """Send a request; returns once the broker has it, and a queue for its type.

        Raises:
            IchorError: no queue takes requests of this type, or the broker is unreachable; retry.
        """
        ...


class ApprovalStore(Protocol):
    """Stores approvals for people to find; the waiting workflow decides."""

    async def open_approval(self, approval: Approval, rule_id: RuleId) -> None:
        """Store a pending approval; opening it again changes nothing."""
        ...

    async def record_decision(self, decision: Decision, status: ApprovalStatus) -> None:
        """Store an accepted decision, once for each user, and the status after it."""
        ...

    async def close_approval(self, approval_id: str, status: ApprovalStatus) -> None:
        """Set the status of a pending approval; a closed one does not change."""
        ...
