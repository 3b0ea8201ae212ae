"""Consumes replies and reports them to Temporal; loses none.

A reply is acknowledged once Temporal has it. While Temporal or the database is away, consuming
pauses and replies in hand are held: returning them would count toward their delivery limit.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from aio_pika import Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from msgspec import Struct
from temporalio.service import RPCError, RPCStatusCode

from ichor_activities import AsyncCompleter, ReplyTokens
from ichor_async_completer.queue_metrics import QueueMetrics
from ichor_async_completer.replies.consumer_metrics import show_consumer
from ichor_async_completer.replies.gate import Gate
from ichor_async_completer.replies.reply import Judgement, Late, Unusable, Usable, judge
from ichor_async_completer.replies.reply_metrics import (
    ReplyOutcome,
    expect_replies,
    note_latency,
    note_reply,
)
from ichor_async_completer.replies.reply_span import reply_span
from ichor_async_completer.replies.result_schemas import ResultSchemas
from ichor_edgestore.database import TRANSIENT_ERRORS
from ichor_runtime.amqp import AMQP_ERRORS, Topology, connect, declare_topology
from ichor_runtime.errors import UnhealthyError
from ichor_runtime.retries import retry_forever
from ichor_runtime.shutdown import is_set_within

PAUSE_SECONDS = 0.25
"""Wait before the first probe in a pause, and before reconnecting."""
MAX_TRIES = 10
"""A reply that fails this often while Temporal and the database are up is returned to the queue,
toward its delivery limit."""
RENEW_SECONDS = 60.0
CONNECTION_NAME = "ichor-async-completer"

_logger = structlog.get_logger(__name__)


class ConsumerOptions(Struct, frozen=True, kw_only=True):
    """See `CompleterSettings`."""

    url: str
    topology: Topology = Topology()
    prefetch: int = 32
    hold_seconds: float = 900.0
    grace_seconds: float = 20.0


class ReplyConsumer:
    """One consumer of the reply queue.

    Args:
        options: address of the queue, and limits.
        completer: reports to Temporal.
        tokens: opens reply tokens.
        schemas: check results.
        probe: raises while Temporal or the database is away.
    """

    def __init__(
        self,
        options: ConsumerOptions,
        completer: AsyncCompleter,
        tokens: ReplyTokens,
        schemas: ResultSchemas,
        probe: Callable[[], Awaitable[None]],
    ) -> None:
        self._options = options
        self._completer = completer
        self._tokens = tokens
        self._schemas = schemas
        self._probe = probe
        self._gate = Gate()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._state = "not connected yet"
        self._queues = QueueMetrics(options.topology)
        show_consumer(self._gate, lambda: not self._state)
        expect_replies(options.topology.replies)

    async def check(self) -> None:
        """Return if replies are consumed.

        Raises:
            UnhealthyError: they are not; the message is the reason.
        """
        if self._state:
            raise UnhealthyError(self._state)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; reconnects whenever the connection is lost."""
        while not stop.is_set():
            connection = await self._connected(stop)
            if connection is None:
                return
            try:
                async with connection, self._queues.reading(connection):
                    await self._consume(connection, stop)
            except AMQP_ERRORS as error:
                self._note_away(error)
            finally:
                await self._drop()
            await is_set_within(stop, PAUSE_SECONDS)

    async def _connected(self, stop: asyncio.Event) -> AbstractConnection | None:
        """Return a connection, retried while RabbitMQ is away; None once `stop` is set."""
        connecting = asyncio.create_task(self._connect())
        await _first_of(stop.wait(), asyncio.wait({connecting}))
        if stop.is_set():
            connecting.cancel()
            await asyncio.wait({connecting})
        return None if connecting.cancelled() else connecting.result()

    async def _connect(self) -> AbstractConnection:
        async for attempt in retry_forever(AMQP_ERRORS):
            with attempt:
                try:
                    return await self._connect_and_declare()
                except AMQP_ERRORS as error:
                    self._note_away(error)
                    raise
        raise AssertionError("it is tried without end")

    async def _connect_and_declare(self) -> AbstractConnection:
        connection = await connect(self._options.url, CONNECTION_NAME)
        try:
            async with await connection.channel() as channel:
                await declare_topology(channel, self._options.topology)
        except BaseException:
            await connection.close()
            raise
        return connection

    def _note_away(self, error: Exception) -> None:
        self._state = f"RabbitMQ: {str(error) or type(error).__name__}"
        _logger.warning("RabbitMQ cannot be reached; reconnecting", error=self._state)

    async def _consume(self, connection: AbstractConnection, stop: asyncio.Event) -> None:
        """Consume until the connection is lost, or `stop` is set and nothing is in hand."""
        lost = asyncio.Event()

        def on_close(*_: object) -> None:
            lost.set()

        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        channel.close_callbacks.add(on_close)
        await channel.set_qos(prefetch_count=self._options.prefetch)

        async def take(message: AbstractIncomingMessage) -> None:
            task = asyncio.create_task(self._handle(channel, message))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

        while not (stop.is_set() or lost.is_set()):
            if not self._gate.is_open:
                _logger.warning("Consuming paused", reason=self._gate.reason)
                await _first_of(stop.wait(), lost.wait(), self._recover())
                continue
            await declare_topology(channel, self._options.topology)
            queue = await channel.get_queue(self._options.topology.replies)
            tag = await queue.consume(take)
            if self._state:
                _logger.info("Consuming replies", queue=queue.name)
                self._state = ""
            # Renewed from time to time: the consumer ends if somebody deletes the queue.
            renewal = asyncio.sleep(RENEW_SECONDS)
            await _first_of(stop.wait(), lost.wait(), self._gate.closed(), renewal)
            if not lost.is_set():
                await queue.cancel(tag)
        if lost.is_set():
            self._state = "RabbitMQ: the connection was lost"
            _logger.warning("Connection to RabbitMQ lost")
        elif self._in_hand and self._gate.is_open:
            self._state = "stopping"
            await asyncio.wait(self._in_hand, timeout=self._options.grace_seconds)

    async def _recover(self) -> None:
        """Probe until Temporal and the database are up, then open the gate."""
        self._state = f"paused: {self._gate.reason}"
        await asyncio.sleep(PAUSE_SECONDS)
        async for attempt in retry_forever(Exception):
            with attempt:
                try:
                    await self._probe()
                except Exception as error:  # whichever: something is away
                    self._gate.reason = str(error) or type(error).__name__
                    self._state = f"paused: {self._gate.reason}"
                    raise
        self._gate.open()

    async def _drop(self) -> None:
        """Abandon the replies in hand; the broker still has them."""
        tasks = list(self._in_hand)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        log = _logger.bind(message_id=message.message_id, delivery=message.delivery_tag)
        queue = self._options.topology.replies
        began = time.perf_counter()
        outcome: ReplyOutcome
        try:
            judged = judge(message.body, self._tokens, datetime.now(UTC))
            with reply_span(queue, message, judged):
                outcome = await self._settle(judged, channel, message, log)
        except AMQP_ERRORS as error:
            log.info("Connection lost; the reply will be redelivered", error=str(error))
            outcome = "lost"
        except Exception:
            log.exception("Unexpected error with a reply; returned to the queue")
            with suppress(*AMQP_ERRORS):
                await message.reject(requeue=True)
            outcome = "returned"
        seconds = time.perf_counter() - began
        note_reply(queue, outcome, seconds, redelivered=bool(message.redelivered))

    async def _settle(
        self,
        judged: Judgement,
        channel: AbstractChannel,
        message: AbstractIncomingMessage,
        log: Any,
    ) -> ReplyOutcome:
        match judged:
            case Unusable(reason):
                await message.reject(requeue=False)
                log.warning("Reply unusable; dead-lettered", reason=reason)
                return "dead_letter"
            case Late(reason):
                await message.ack()
                log.warning("Reply late; dropped", reason=reason)
                return "late"
            case Usable() as reply:
                return await self._deliver(reply, channel, message, log)

    async def _deliver(
        self,
        reply: Usable,
        channel: AbstractChannel,
        message: AbstractIncomingMessage,
        log: Any,
    ) -> ReplyOutcome:
        token = reply.token
        log = log.bind(
            execution_id=token.execution_id, action_name=token.action_name, attempt=token.attempt
        )
        for _ in range(MAX_TRIES):
            try:
                async with asyncio.timeout(self._options.hold_seconds):
                    await self._gate.opened()
            except TimeoutError:
                await self._put_back(channel, message)
                log.info("Reply held too long; re-queued")
                return "put_back"
            try:
                failure = reply.error or await self._schemas.check(token.action_type, reply.result)
                if failure is None:
                    waiting = await self._completer.complete(token, reply.result)
                else:
                    waiting = await self._completer.fail(token, failure)
            except RPCError as error:
                if error.status is RPCStatusCode.INVALID_ARGUMENT:
                    await message.reject(requeue=False)
                    log.warning("Reply refused by Temporal; dead-lettered", error=str(error))
                    return "dead_letter"
                self._gate.close(f"Temporal: {error}")
            except TRANSIENT_ERRORS as error:
                self._gate.close(f"PostgreSQL: {str(error) or type(error).__name__}")
            else:
                if waiting:
                    note_latency(token, failed=failure is not None)
                await message.ack()
                if failure is not None and reply.error is None:
                    log.warning(
                        "Result does not match the schema; action failed", reason=failure.message
                    )
                log.info("Action ended" if waiting else "Reply not awaited; dropped")
                if not waiting:
                    return "unawaited"
                return "completed" if failure is None else "failed"
        await message.reject(requeue=True)
        log.error(f"Reply failed {MAX_TRIES} times; returned to the queue")
        return "returned"

    async def _put_back(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        """Store a copy, then acknowledge: a returned message would count toward its limit."""
        headers = dict(message.headers)
        headers.pop("x-delivery-count", None)
        copy = Message(
            message.body,
            headers=headers,
            content_type=message.content_type,
            delivery_mode=message.delivery_mode,
            message_id=message.message_id,
            correlation_id=message.correlation_id,
        )
        name = self._options.topology.replies
        await channel.default_exchange.publish(copy, name, mandatory=True)
        await message.ack()


async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    """Wait for the first and cancel the others; an error of the first is raised."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
