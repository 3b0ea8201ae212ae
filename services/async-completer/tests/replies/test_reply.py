"""Every kind of reply, and what is decided about it."""

from datetime import UTC, datetime, timedelta

import pytest

from ichor_activities import ReplyToken, ReplyTokens
from ichor_async_completer.replies.reply import TOO_LARGE, Late, Unusable, Usable, judge
from ichor_core import exact_json
from ichor_core.contract import MAX_REPLY_BYTES, ActionReply, ReplyError

NOW = datetime(2026, 2, 1, tzinfo=UTC)
TOKEN = ReplyToken(
    task_token=b"task",
    execution_id="execution",
    action_id="action",
    action_name="reserve",
    attempt=1,
    expires_at=NOW + timedelta(hours=1),
)
TOKENS = ReplyTokens([b"k" * 32])
SEALED = TOKENS.seal(TOKEN)
FORGED = ReplyTokens([b"f" * 32]).seal(TOKEN)


def reply(**changes) -> bytes:
    return exact_json.encode({"reply_token": SEALED, "success": True, "result": {}} | changes)


def test_success():
    body = reply(result={"n": 2**60 + 1}, error=None, unknown="ignored")
    assert judge(body, TOKENS, NOW) == Usable(TOKEN, {"n": 2**60 + 1})


def test_failure():
    error = {"message": "sold out", "type": "SoldOut", "retryable": True}
    body = reply(success=False, error=error)
    assert judge(body, TOKENS, NOW) == Usable(TOKEN, {}, ReplyError("sold out", "SoldOut", True))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\x00", "not JSON"),
        (b"[]", "expected an object"),
        (b'{"success": true}', "reply_token"),
        (reply(success="yes"), "expected true or false"),
        (reply(result=[1]), "expected an object"),
        (reply(result={"text": "a\0b"}), "NUL"),
        (reply(version=2), "unknown message version 2"),
        (reply(success=False), "if, and only if"),
        (reply(error={"message": "m"}), "if, and only if"),
        (reply(reply_token="x"), "not a reply token"),
        (reply(reply_token=FORGED), "unknown key"),
        (reply(reply_token=FORGED, result={"x": "x" * MAX_REPLY_BYTES}), "unknown key"),
    ],
)
def test_dead_letters(body: bytes, reason: str):
    judgement = judge(body, TOKENS, NOW)
    assert isinstance(judgement, Unusable)
    assert reason in judgement.reason


def test_an_oversized_reply_fails_its_action():
    judgement = judge(reply(result={"x": "x" * MAX_REPLY_BYTES}), TOKENS, NOW)
    assert isinstance(judgement, Usable)
    assert judgement.error is not None
    assert (judgement.error.type, judgement.error.retryable) == (TOO_LARGE, False)


def test_a_reply_long_after_its_attempt_is_late():
    assert isinstance(judge(reply(), TOKENS, TOKEN.expires_at), Late)


def test_a_body_is_never_too_strange():
    for body in (b"[" * 100_000, b'{"reply_token":' * 10_000, reply()[:-1], reply(result=None)):
        assert isinstance(judge(body, TOKENS, NOW), Unusable)


def test_the_wire_format_has_an_example():
    """What the message reference shows is what the struct says."""
    assert exact_json.decode(
        exact_json.encode(ActionReply(SEALED, True, {"a": 1})), ActionReply
    ) == ActionReply(SEALED, True, {"a": 1})
