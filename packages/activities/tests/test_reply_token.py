"""Reply tokens: what opens them, and what does not."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from ichor_activities.reply_token import (
    ExpiredTokenError,
    ForgedTokenError,
    MalformedTokenError,
    ReplyToken,
    ReplyTokens,
)
from ichor_core.errors import InvalidInputError

OLD, NEW = b"o" * 32, b"n" * 32
NOW = datetime(2026, 2, 1, tzinfo=UTC)
TOKEN = ReplyToken(
    task_token=b"\x00task\xff",
    execution_id="execution",
    action_id="action",
    action_name="reserve",
    attempt=2,
    expires_at=NOW + timedelta(hours=1),
)


def test_a_token_comes_back_and_shows_nothing():
    sealed = ReplyTokens([NEW]).seal(TOKEN)
    assert ReplyTokens([NEW]).open(sealed, NOW) == TOKEN
    for part in sealed.split("."):
        assert b"task" not in base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_keys_are_changed_one_by_one():
    sealed = ReplyTokens([OLD]).seal(TOKEN)
    assert ReplyTokens([NEW, OLD]).open(sealed, NOW) == TOKEN
    assert ReplyTokens([OLD, NEW]).open(ReplyTokens([NEW, OLD]).seal(TOKEN), NOW) == TOKEN
    with pytest.raises(ForgedTokenError):
        ReplyTokens([NEW]).open(sealed, NOW)


def test_an_old_token_is_over():
    sealed = ReplyTokens([NEW]).seal(TOKEN)
    with pytest.raises(ExpiredTokenError, match="2026-02-01T01:00"):
        ReplyTokens([NEW]).open(sealed, TOKEN.expires_at)


@pytest.mark.parametrize("part", range(5))
def test_a_changed_token_is_forged(part: int):
    parts = ReplyTokens([NEW]).seal(TOKEN).split(".")
    text = parts[part]
    parts[part] = ("A" if text[:1] != "A" else "B") + text[1:] if text else "AAAA"
    with pytest.raises((ForgedTokenError, MalformedTokenError)):
        ReplyTokens([NEW]).open(".".join(parts), NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "token",
        "a.b.c.d.e",
        "....",
        "ü.b.c.d.e",
        "a.b.c.d",
        ".".join(["A" * 10_000] * 5),
        "\0" * 4,
    ],
)
def test_garbage_is_no_token(text: str):
    with pytest.raises((MalformedTokenError, ForgedTokenError)):
        ReplyTokens([NEW]).open(text, NOW)


def test_no_other_algorithm_and_no_other_content_is_taken():
    key = OctKey.import_key(NEW)
    kid = json.loads(base64.urlsafe_b64decode(ReplyTokens([NEW]).seal(TOKEN).split(".")[0] + "=="))[
        "kid"
    ]
    for header in (
        {"alg": "A256KW", "enc": "A256GCM", "kid": kid},
        {"alg": "dir", "enc": "A256GCM", "kid": kid, "zip": "DEF"},
        {"alg": "dir", "enc": "A256GCM", "kid": kid},
    ):
        foreign = jwe.encrypt_compact(
            header, b'{"task_token": 1}', key, ["dir", "A256KW", "A256GCM", "DEF"]
        )
        with pytest.raises(ForgedTokenError):
            ReplyTokens([NEW]).open(foreign, NOW)


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"x" * 33]])
def test_keys_have_32_bytes(keys: list[bytes]):
    with pytest.raises(InvalidInputError, match="32 bytes"):
        ReplyTokens(keys)
