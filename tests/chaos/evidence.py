"""What was sent, and what is found everywhere after the last execution has ended: values only."""

from typing import Any

from msgspec import Struct, field

from tests.chaos.service import Exit

Document = dict[str, Any]


class SentEvent(Struct, frozen=True):
    """An event that a client sent until it was accepted."""

    event_id: str
    entity: str
    number: int
    executions: tuple[str, ...] = ()
    """As the API answered; empty: it never was accepted."""


class ExecutionRow(Struct, frozen=True):
    """A row of `workflow.executions`."""

    id: str
    event_id: str
    rule_id: str
    workflow_id: str
    status: str
    error: Any = None
    finished_at: float = 0.0
    """Seconds since 1970; 0: it has not ended."""


class ActionRow(Struct, frozen=True):
    """A row of `workflow.action_executions`."""

    execution_id: str
    action_id: str
    name: str
    status: str
    error: Any = None
    result: Any = None


class Effect(Struct, frozen=True):
    """A row of the ledger, `workflow.effects`."""

    key: str
    execution_id: str
    action_id: str
    result: Any = None


class Row(Struct, frozen=True):
    """A row that `create_record` wrote."""

    id: int
    label: str
    detail: str


class Change(Struct, frozen=True):
    """A change that `update_field` made, as a trigger of the table noted it."""

    counter: str
    label: str


class Alert(Struct, frozen=True):
    """A row of `workflow.alerts`."""

    execution_id: str
    title: str


class Approval(Struct, frozen=True):
    """A row of `workflow.approvals` with the votes for it."""

    id: str
    execution_id: str
    status: str
    votes: tuple[tuple[str, str], ...] = ()
    """User and vote."""


class Database(Struct, frozen=True, kw_only=True):
    """Everything in the engine's database."""

    events: tuple[str, ...] = ()
    executions: tuple[ExecutionRow, ...] = ()
    actions: tuple[ActionRow, ...] = ()
    undispatched: tuple[str, ...] = ()
    """Executions whose dispatch is not `started`."""
    effects: tuple[Effect, ...] = ()
    rows: tuple[Row, ...] = ()
    changes: tuple[Change, ...] = ()
    counters: dict[str, int] = field(default_factory=dict[str, int])
    """How often each was changed, as the row itself says."""
    alerts: tuple[Alert, ...] = ()
    approvals: tuple[Approval, ...] = ()


class Inventory(Struct, frozen=True):
    """Everything in the other system's database."""

    answers: tuple[tuple[str, Document], ...] = ()
    """Request id and answer of each reservation."""
    taken: int = 0
    """By how much its stock is less than in the beginning."""


class Mail(Struct, frozen=True):
    """A mail that arrived."""

    message_id: str
    subject: str


class Request(Struct, frozen=True):
    """A webhook's request that arrived."""

    path: str
    key: str
    """Its `Idempotency-Key`."""


class Shown(Struct, frozen=True):
    """What the API says of an execution."""

    status: str
    actions: dict[str, str]
    """Status by name."""
    waits_for: str = ""
    """Of one that has not ended."""
    since: float = 0.0
    """When the action began for which it waits, in seconds since 1970; 0: not known."""


class WorkflowRun(Struct, frozen=True):
    """The last run of a workflow, as Temporal has it."""

    workflow_id: str
    status: str
    """In the engine's words: what it returned, or how it was closed; `running`."""
    runs: int = 1
    """Runs under this workflow id that did not continue one another."""
    task_failures: tuple[str, ...] = ()
    """Causes of failed workflow tasks in its history."""


class Decided(Struct, frozen=True):
    """What a person's decision led to."""

    approval_id: str
    number: int
    user: str
    vote: str
    status: int
    """Of the answer that ended the matter: 200, 409, …"""
    tries: int = 1


class Evidence(Struct, frozen=True, kw_only=True):
    """All of it."""

    sent: tuple[SentEvent, ...]
    rules: dict[str, str]
    """Id of the rule by name of its shape."""
    database: Database = Database()
    inventory: Inventory = Inventory()
    mails: tuple[Mail, ...] = ()
    requests: tuple[Request, ...] = ()
    shown: dict[str, Shown] = field(default_factory=dict[str, Shown])
    """By execution id."""
    workflows: tuple[WorkflowRun, ...] = ()
    decided: tuple[Decided, ...] = ()
    dead_letters: int = 0
    refused: tuple[str, ...] = ()
    """Answers to clients that no careful client should get."""
    crashes: tuple[Exit, ...] = ()
    late: tuple[Exit, ...] = ()
    signs: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Texts of trouble in the logs: how many, by process and text."""
