"""Judgement of a reply, from its bytes alone."""

from datetime import datetime

from msgspec import Struct

from ichor_activities.reply_token import (
    ExpiredTokenError,
    ReplyToken,
    ReplyTokenError,
    ReplyTokens,
)
from ichor_core import exact_json
from ichor_core.contract import MAX_REPLY_BYTES, MESSAGE_VERSION, ActionReply, ReplyError
from ichor_core.errors import ExactJsonError

TOO_LARGE = "ReplyTooLargeError"


class Usable(Struct, frozen=True):
    """It ends the attempt."""

    token: ReplyToken
    result: dict[str, object]
    error: ReplyError | None = None
    """None: it succeeded, with `result`."""


class Late(Struct, frozen=True):
    """Its attempt ended long ago; it is dropped."""

    reason: str


class Unusable(Struct, frozen=True):
    """It becomes a dead letter."""

    reason: str


Judgement = Usable | Late | Unusable


class _Envelope(Struct, frozen=True):
    reply_token: str
    version: int = MESSAGE_VERSION


def judge(body: bytes, tokens: ReplyTokens, now: datetime) -> Judgement:
    """Judge a reply.

    Args:
        body: of the message.
        tokens: opens its token.
        now: the time, with its zone.
    """
    try:
        envelope = exact_json.decode(body, _Envelope)
        if envelope.version != MESSAGE_VERSION:
            return Unusable(
                f"unknown message version {envelope.version}; expected {MESSAGE_VERSION}"
            )
        token = tokens.open(envelope.reply_token, now)
        if len(body) > MAX_REPLY_BYTES:
            message = f"the reply has {len(body)} bytes; at most {MAX_REPLY_BYTES} are allowed"
            return Usable(token, {}, ReplyError(message, TOO_LARGE, retryable=False))
        reply = exact_json.decode(body, ActionReply)
    except ExpiredTokenError as error:
        return Late(str(error))
    except (ExactJsonError, ReplyTokenError) as error:
        return Unusable(str(error))
    if reply.success is (reply.error is not None):
        return Unusable("error must be set if, and only if, success is false")
    return Usable(token, reply.result, reply.error)
