"""Messages between the engine and systems that complete actions: version 1.

Both are JSON. A field is never renamed and its meaning never changes; unknown fields are ignored.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from ichor_core.ids import ActionId, ExecutionId, RuleId

MESSAGE_VERSION = 1
MAX_REPLY_BYTES = 1024 * 1024
"""Largest reply; a larger one fails its action."""


class ActionRequest(Struct, frozen=True, kw_only=True):
    """The request to another system; its routing key is the action type."""

    request_id: str
    """The effect key: the same for every attempt, so a repeated request can be recognised."""
    reply_token: str
    """Opaque; the reply returns it unchanged. Valid for this attempt only."""
    action_type: str
    payload: dict[str, Any]
    """Content of the request, as the action type defines it."""
    execution_id: ExecutionId
    rule_id: RuleId
    action_id: ActionId
    action_name: str
    attempt: int
    sent_at: datetime
    expires_at: datetime | None = None
    """Time after which a reply is too late."""
    version: Literal[1] = MESSAGE_VERSION


class ReplyError(Struct, frozen=True):
    """The failure of a request in the other system."""

    message: str
    type: str = "ReplyError"
    """The kind of error; stable, for programs."""
    retryable: bool = False
    """Whether a retry may help; it is a new request with the same `request_id`."""


class ActionReply(Struct, frozen=True):
    """The reply to a request; exactly one for each."""

    reply_token: str
    success: bool
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    """The result of the action, if it succeeded."""
    error: ReplyError | None = None
    """The failure; required if `success` is false."""
    version: Literal[1] = MESSAGE_VERSION
