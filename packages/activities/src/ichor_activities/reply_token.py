"""Reply tokens: they name the attempt that a reply completes.

A token is a JWE (RFC 7516; direct key, AES-256-GCM): opaque, tamper-proof, and good for one attempt
of one action of one execution.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
from joserfc import jwe
from joserfc.errors import DecodeError, JoseError
from joserfc.jwk import GuestProtocol, OctKey
from msgspec import Struct

from ichor_core.errors import InvalidInputError
from ichor_core.ids import ActionId, ExecutionId

MAX_TOKEN_CHARACTERS = 16 * 1024
_KEY_BYTES = 32
_PARTS = 5
_ALGORITHMS = ("dir", "A256GCM")
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


class ReplyTokenError(InvalidInputError):
    """An invalid reply token."""


class MalformedTokenError(ReplyTokenError):
    """It does not have the form of a reply token."""


class ForgedTokenError(ReplyTokenError):
    """It was sealed with another key, or was changed since."""


class ExpiredTokenError(ReplyTokenError):
    """It has expired: its attempt ended long ago."""


class ReplyToken(Struct, frozen=True, kw_only=True):
    """The content of a sealed token: the attempt that a reply completes."""

    task_token: bytes
    execution_id: ExecutionId
    action_id: ActionId
    action_name: str
    attempt: int
    expires_at: datetime
    action_type: str = ""
    """Empty in tokens that were sealed before this field."""
    traceparent: str | None = None
    """W3C trace context of the attempt: the reply belongs to its trace."""
    sent_at: datetime | None = None
    """Time of the request; None in tokens that were sealed before this field."""


class ReplyTokens:
    """Seals and opens tokens.

    Args:
        keys: 32 bytes each; the first seals, all open, so that keys can be changed one by one.

    Raises:
        InvalidInputError: no key, or one of another length.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise InvalidInputError(f"reply tokens need keys of {_KEY_BYTES} bytes")
        self._keys = {_key_id(key): OctKey.import_key(key) for key in keys}
        self._first = _key_id(keys[0])

    def seal(self, token: ReplyToken) -> str:
        """Return the token as text that only `open` can read."""
        header = {"alg": "dir", "enc": "A256GCM", "kid": self._first}
        return jwe.encrypt_compact(
            header, msgspec.json.encode(token), self._keys[self._first], _ALGORITHMS
        )

    def open(self, text: str, now: datetime) -> ReplyToken:
        """Return the content of a token.

        Args:
            text: a sealed token.
            now: the time, with its zone.

        Raises:
            MalformedTokenError: it does not have the form of a token.
            ForgedTokenError: no key opens it.
            ExpiredTokenError: it has expired.
        """
        if (
            len(text) > MAX_TOKEN_CHARACTERS
            or text.count(".") != _PARTS - 1
            or not _ALPHABET.issuperset(text)
        ):
            raise MalformedTokenError("this is not a reply token")
        token = self._decrypt(text)
        if token.expires_at <= now:
            raise ExpiredTokenError(f"the reply token expired at {token.expires_at.isoformat()}")
        return token

    def _decrypt(self, text: str) -> ReplyToken:
        try:
            opened = jwe.decrypt_compact(text, self._find_key, _ALGORITHMS)
        except ForgedTokenError:
            raise
        except DecodeError as error:
            raise MalformedTokenError("this is not a reply token") from error
        except (JoseError, ValueError, TypeError) as error:
            raise ForgedTokenError("the reply token was not sealed with a known key") from error
        try:
            return msgspec.json.decode(opened.plaintext or b"", type=ReplyToken)
        except msgspec.MsgspecError as error:
            raise ForgedTokenError("the reply token has invalid content") from error

    def _find_key(self, recipient: GuestProtocol) -> OctKey:
        kid = recipient.headers().get("kid")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise ForgedTokenError("the reply token was sealed with an unknown key")
        return key


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"ichor reply token key" + key).hexdigest()[:16]
