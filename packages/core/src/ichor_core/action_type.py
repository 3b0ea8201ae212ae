"""Action types: kind, limits, and the published description."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

from ichor_core.limits import Limits

ActionKind = Literal["local", "sync", "async", "human", "timer"]
"""Way in which an action runs; fixed in the workflow input when an execution starts."""

EVALUATE_CONDITION = "evaluate_condition"
"""The type that decides by a condition; the core computes and draws it without a worker."""

DEFAULT_LIMITS: Mapping[ActionKind, Limits] = {
    "local": Limits(
        start_to_close=10, max_attempts=3, initial_interval=1, backoff=2, max_interval=60
    ),
    "sync": Limits(
        start_to_close=300,
        heartbeat=60,
        max_attempts=3,
        initial_interval=1,
        backoff=2,
        max_interval=60,
    ),
    # No heartbeat: no process runs while an action waits for its reply.
    "async": Limits(
        start_to_close=1800, max_attempts=3, initial_interval=1, backoff=2, max_interval=60
    ),
    # Limits of the local activities that open and close an approval; its deadline is in its config.
    "human": Limits(
        start_to_close=10, max_attempts=3, initial_interval=1, backoff=2, max_interval=60
    ),
    # Limits of the local activity that computes when to continue.
    "timer": Limits(
        start_to_close=10, max_attempts=3, initial_interval=1, backoff=2, max_interval=60
    ),
}


class ActionPolicy(Struct, frozen=True):
    """Settings of the actions of one type: the part of an action type that a workflow needs."""

    kind: ActionKind
    limits: Limits = Limits()
    reference_keys: tuple[str, ...] = ()
    """Config keys whose text is a reference without braces, at any depth."""

    def limits_for(self, own: Limits | None) -> Limits:
        """Return the limits of a node: its own over the type's over the kind's."""
        merged = self.limits.over(DEFAULT_LIMITS[self.kind])
        return merged if own is None else own.over(merged)


class ActionType(Struct, frozen=True, kw_only=True):
    """The published description of an action type."""

    type: str
    title: str
    kind: ActionKind
    description: str = ""
    limits: Limits = Limits()
    outcomes: tuple[str, ...] = ()
    """Values of `branch_taken` that it may return; empty: it never sets it."""
    reference_keys: tuple[str, ...] = ()
    config_schema: dict[str, Any] = field(default_factory=dict[str, Any])
    """JSON Schema of `action_config`."""
    result_schema: dict[str, Any] = field(default_factory=dict[str, Any])
    """JSON Schema of the result."""
    result_key: str = ""
    """Config key whose object is the result, unchanged; empty: no such key."""

    @property
    def policy(self) -> ActionPolicy:
        """The part that goes into a workflow's input."""
        return ActionPolicy(self.kind, self.limits, self.reference_keys)
