"""The messages between the engine and systems that finish actions: version 1.

Both are JSON. A field is never renamed and its meaning never changes; unknown fields are ignored.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from ichor_core.ids import ActionId, ExecutionId, RuleId

MESSAGE_VERSION = 1
MAX_REPLY_BYTES = 1024 * 1024
"""A larger reply fails its action."""


class ActionRequest(Struct, frozen=True, kw_only=True):
    """What the other system is asked; routing key: the action type."""

    request_id: str
    """The effect key: the same for every attempt, so a repeated request can be recognised."""
    reply_token: str
    """Opaque; the reply brings it back unchanged. It is good for this attempt only."""
    action_type: str
    payload: dict[str, Any]
    """What the action type says it sends."""
    execution_id: ExecutionId
    rule_id: RuleId
    action_id: ActionId
    action_name: str
    attempt: int
    sent_at: datetime
    expires_at: datetime | None = None
    """A reply after this comes too late."""
    version: Literal[1] = MESSAGE_VERSION


class ReplyError(Struct, frozen=True):
    """Why the other system could not do it."""

    message: str
    type: str = "ReplyError"
    """Stable, for programs."""
    retryable: bool = False
    """Whether asking again may help; a retry is a new request with the same `request_id`."""


class ActionReply(Struct, frozen=True):
    """The answer; exactly one for each request."""

    reply_token: str
    success: bool
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    """The result of the action, if it succeeded."""
    error: ReplyError | None = None
    """Why it did not; must be there if `success` is false."""
    version: Literal[1] = MESSAGE_VERSION
