"""Publishing to a real broker, with and without a queue, and while it is away."""

import asyncio
from datetime import UTC, datetime

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from ichor_core import exact_json
from ichor_core.contract import ActionRequest
from ichor_core.ids import ActionId, ExecutionId, RuleId
from ichor_devstack.ports import free_port
from ichor_devstack.rabbitmq import rabbitmq
from ichor_runtime.amqp.publisher import AmqpRequestPublisher
from ichor_runtime.amqp.settings import AmqpSettings, ReplyTokenSettings, read_keys
from ichor_runtime.amqp.topology import (
    Topology,
    declare_request_queue,
    delete_topology,
    open_channel,
)
from ichor_runtime.errors import PublishError, SettingsError
from ichor_runtime.settings import read_settings

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def request(number: int = 1) -> ActionRequest:
    return ActionRequest(
        request_id=f"request-{number}",
        reply_token="token",
        action_type="ask",
        payload={"n": number},
        execution_id=ExecutionId("e"),
        rule_id=RuleId("r"),
        action_id=ActionId("a"),
        action_name="asked",
        attempt=1,
        sent_at=NOW,
    )


@pytest.fixture
async def topology(rabbitmq_server, amqp_prefix):
    topology = Topology(amqp_prefix)
    yield topology
    async with open_channel(rabbitmq_server.url, "test") as channel:
        await delete_topology(channel, topology, ("ask",))


@pytest.fixture
async def publisher(rabbitmq_server, topology):
    publisher = AmqpRequestPublisher(rabbitmq_server.url, topology)
    yield publisher
    await publisher.close()


@pytest.mark.servers
async def test_without_a_queue_it_is_an_error_and_the_next_one_arrives(
    rabbitmq_server, publisher, topology
):
    with pytest.raises(PublishError, match="no queue takes requests of type 'ask'"):
        await publisher.publish(request())
    async with open_channel(rabbitmq_server.url, "test") as channel:
        queue = await declare_request_queue(channel, topology, "ask")
        await asyncio.gather(*(publisher.publish(request(number)) for number in range(50)))
        seen = set()
        for _ in range(50):
            message = await queue.get()
            seen.add(exact_json.decode(message.body, ActionRequest).payload["n"])
            await message.ack()
        assert seen == set(range(50))


@pytest.mark.servers
async def test_a_trace_goes_along(rabbitmq_server, publisher, topology):
    await publisher.check()
    context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))
    async with open_channel(rabbitmq_server.url, "test") as channel:
        queue = await declare_request_queue(channel, topology, "ask")
        with trace.use_span(NonRecordingSpan(context)):
            await publisher.publish(request())
        await publisher.publish(request())
        first, second = await queue.get(), await queue.get()
        assert first.headers["traceparent"] == f"00-{1:032x}-{2:016x}-01"
        assert "traceparent" not in second.headers
        await second.ack()
        await first.ack()


@pytest.mark.servers
async def test_a_lost_connection_is_made_again(rabbitmq_server, publisher, topology):
    await publisher.check()
    await publisher._connection.close()
    async with open_channel(rabbitmq_server.url, "test") as channel:
        queue = await declare_request_queue(channel, topology, "ask")
        await publisher.publish(request())
        await (await queue.get()).ack()


async def test_a_broker_that_stays_away_is_an_error():
    publisher = AmqpRequestPublisher(f"amqp://127.0.0.1:{free_port()}/", patience=0.2)
    with pytest.raises(PublishError, match="cannot be reached"):
        await publisher.publish(request())
    with pytest.raises(PublishError, match="cannot be reached"):
        await publisher.check()


async def test_a_broker_that_does_not_answer_is_given_up():
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        publisher = AmqpRequestPublisher(f"amqp://127.0.0.1:{port}/", timeout=0.2, patience=0)
        with pytest.raises(PublishError, match="cannot be reached"):
            await publisher.publish(request())
        await publisher.close()


@pytest.mark.servers
async def test_a_broker_that_restarts_is_waited_for(tmp_path, topology, monkeypatch):
    monkeypatch.delenv("AMQP_URL", raising=False)
    numbers = range(50)
    async with rabbitmq(tmp_path) as server:
        publisher = AmqpRequestPublisher(server.url, topology, patience=120)
        async with open_channel(server.url, "test") as channel:
            await publisher.check()
            await declare_request_queue(channel, topology, "ask")
        while not server.keeps_queue("ask"):
            await asyncio.sleep(0.1)
        await server.kill()
        publishing = [asyncio.create_task(publisher.publish(request(n))) for n in numbers]
        await asyncio.sleep(0)  # they begin while the broker is away
        await server.start()
        await asyncio.gather(*publishing)
        await publisher.close()
        async with open_channel(server.url, "test") as channel:
            queue = await declare_request_queue(channel, topology, "ask")
            seen = set()
            while seen != set(numbers):
                message = await queue.get()
                seen.add(exact_json.decode(message.body, ActionRequest).payload["n"])
                await message.ack()


def test_settings(monkeypatch):
    monkeypatch.setenv("AMQP_URL", "amqps://user:hidden@broker/vhost")
    settings = read_settings(AmqpSettings)
    assert "hidden" not in repr(settings)
    assert settings.amqp_prefix == "ichor"
    for wrong in ("http://hidden/", "amqp://hidden:0/", "amqp:///hidden", "amqp://x:hidden/"):
        monkeypatch.setenv("AMQP_URL", wrong)
        with pytest.raises(SettingsError, match="AMQP_URL: expected amqp://") as caught:
            read_settings(AmqpSettings)
        assert "hidden" not in str(caught.value)
    monkeypatch.setenv("REPLY_TOKEN_KEYS", f"{'A' * 43}=, {'_' * 43}")
    keys = read_keys(read_settings(ReplyTokenSettings).reply_token_keys)
    assert [len(key) for key in keys] == [32, 32]
    for wrong in ("hidden", f"{'A' * 43}=,", f"{'A' * 43}=,hidden"):
        monkeypatch.setenv("REPLY_TOKEN_KEYS", wrong)
        with pytest.raises(SettingsError, match=r"REPLY_TOKEN_KEYS: key \d is not") as caught:
            read_settings(ReplyTokenSettings)
        assert "hidden" not in str(caught.value)
