"""The queue of dead letters: list, replay, discard."""

import hashlib
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from msgspec import Struct

from ichor_activities import ReplyTokens
from ichor_async_completer.replies.reply import Unusable, judge
from ichor_core.errors import NotFoundError
from ichor_runtime.amqp import Topology, declare_topology, open_channel

CONNECTION_NAME = "ichor-dead-letters"
_BROKERS_OWN = ("x-death", "x-first-death", "x-last-death", "x-delivery-count")


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A message that was unusable."""

    id: str
    """Derived from its content: 12 hexadecimal digits."""
    message_id: str | None
    exchange: str
    """Exchange to which it was published first."""
    routing_key: str
    queue: str
    """Queue in which it was dead-lettered."""
    reason: str
    died_at: datetime | None
    size: int
    """Size of its body in bytes."""


class DeadLetters:
    """The queue of dead letters, during one connection.

    Letters that are read stay in the queue: `put_back` returns them. Returned letters stand after
    the others, so the queue is ordered by age only while every read takes all of it.

    Args:
        channel: with confirms and raised returns.
        topology: names the queue.
        tokens: with them, the reason of a reply is determined again.
    """

    def __init__(
        self, channel: AbstractChannel, topology: Topology, tokens: ReplyTokens | None
    ) -> None:
        self._channel = channel
        self._topology = topology
        self._tokens = tokens

    async def count(self) -> int:
        """Return the number of dead letters."""
        queue = await self._channel.declare_queue(self._topology.dead_letters, passive=True)
        return queue.declaration_result.message_count or 0

    async def oldest(self, limit: int) -> list[DeadLetter]:
        """Describe the oldest ones."""
        return [letter for letter, _ in await self._oldest(limit)]

    async def get(self, id: str) -> tuple[DeadLetter, AbstractIncomingMessage]:
        """Return one of them with its message.

        Raises:
            NotFoundError: it is not there.
        """
        found: tuple[DeadLetter, AbstractIncomingMessage] | None = None
        async for letter, message in self._scan():
            if letter.id == id:
                found = letter, message
        if found is None:
            raise no_dead_letter(id)
        return found

    async def replay(
        self, ids: Collection[str] | None = None, limit: int | None = None
    ) -> list[DeadLetter]:
        """Publish letters again to the exchange they came from, and remove them here.

        Args:
            ids: None: all.
            limit: maximum number, oldest first; None: no limit.

        Returns:
            The published letters; ids that do not exist are left out.

        Raises:
            aio_pika.exceptions.DeliveryError: no queue takes it; it stays here.
        """
        done: list[DeadLetter] = []
        async for letter, message in self._chosen(ids, limit):
            exchange = await self._channel.get_exchange(letter.exchange, ensure=False)
            await exchange.publish(_copy(message), letter.routing_key, mandatory=True)
            await message.ack()
            done.append(letter)
        return done

    async def discard(
        self, ids: Collection[str] | None = None, limit: int | None = None
    ) -> list[DeadLetter]:
        """Delete letters; arguments and result are those of `replay`."""
        done: list[DeadLetter] = []
        async for letter, message in self._chosen(ids, limit):
            await message.ack()
            done.append(letter)
        return done

    async def put_back(self) -> None:
        """Return the letters that were read and not removed to the queue.

        Explicitly: newer brokers count a letter that is lost with its channel as a failed delivery,
        and drop it after the twentieth.
        """
        channel = await self._channel.get_underlay_channel()
        await channel.basic_nack(0, multiple=True, requeue=True)

    def describe(self, message: AbstractIncomingMessage) -> DeadLetter:
        """Describe a message."""
        deaths = cast(list[dict[str, Any]], message.headers.get("x-death") or [])
        first = deaths[-1] if deaths else {}
        last = deaths[0] if deaths else {}
        keys = first.get("routing-keys") or [message.routing_key or ""]
        digest = hashlib.sha256((message.message_id or "").encode() + b"\0" + message.body)
        died_at = last.get("time")
        return DeadLetter(
            id=digest.hexdigest()[:12],
            message_id=message.message_id,
            exchange=str(first.get("exchange", "")),
            routing_key=str(keys[0]),
            queue=str(last.get("queue", "")),
            reason=self._reason(message, str(last.get("queue", "")), str(last.get("reason", ""))),
            died_at=died_at if isinstance(died_at, datetime) else None,
            size=len(message.body),
        )

    def _reason(self, message: AbstractIncomingMessage, queue: str, reason: str) -> str:
        if queue != self._topology.replies or self._tokens is None:
            return reason
        judgement = judge(message.body, self._tokens, datetime.now(UTC))
        if isinstance(judgement, Unusable):
            return f"{reason}: {judgement.reason}"
        return f"{reason}: usable now"

    async def _chosen(
        self, ids: Collection[str] | None, limit: int | None
    ) -> AsyncGenerator[tuple[DeadLetter, AbstractIncomingMessage]]:
        if limit is None:
            async for letter, message in self._scan():
                if ids is None or letter.id in ids:
                    yield letter, message
            return
        for letter, message in await self._oldest(limit, ids):
            yield letter, message

    async def _oldest(
        self, limit: int, ids: Collection[str] | None = None
    ) -> list[tuple[DeadLetter, AbstractIncomingMessage]]:
        """Return the oldest ones; of those that died in one second, as the queue has them."""
        found: list[tuple[DeadLetter, AbstractIncomingMessage]] = []
        async for letter, message in self._scan():
            if ids is None or letter.id in ids:
                found.append((letter, message))
            if len(found) >= 2 * limit:  # no more bodies in memory than are asked for
                found = sorted(found, key=_age)[:limit]
        return sorted(found, key=_age)[:limit]

    async def _scan(self) -> AsyncGenerator[tuple[DeadLetter, AbstractIncomingMessage]]:
        # Letters that arrive meanwhile, replayed ones among them, are left for the next scan.
        queue = await self._channel.get_queue(self._topology.dead_letters)
        for _ in range(await self.count()):
            message = await queue.get(fail=False)
            if message is None:
                return
            yield self.describe(message), message


@asynccontextmanager
async def open_dead_letters(
    url: str, topology: Topology, tokens: ReplyTokens | None = None
) -> AsyncGenerator[DeadLetters]:
    """Connect; when the context ends, letters that were not removed are in the queue again."""
    async with open_channel(url, CONNECTION_NAME) as channel:
        await declare_topology(channel, topology)
        letters = DeadLetters(channel, topology, tokens)
        try:
            yield letters
        finally:
            if not channel.is_closed:
                await letters.put_back()


def no_dead_letter(*ids: str) -> NotFoundError:
    """Return the error of dead letters that are not there."""
    return NotFoundError(f"no dead letter {', '.join(ids)}")


def _age(found: tuple[DeadLetter, AbstractIncomingMessage]) -> datetime:
    return found[0].died_at or datetime.min.replace(tzinfo=UTC)


def _copy(message: AbstractIncomingMessage) -> Message:
    headers = {
        name: value for name, value in message.headers.items() if not name.startswith(_BROKERS_OWN)
    }
    return Message(
        message.body,
        headers=headers,
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        reply_to=message.reply_to,
        timestamp=message.timestamp,
        type=message.type,
    )
