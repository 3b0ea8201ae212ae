"""RabbitMQ: topology, publisher, spans, settings."""

from ichor_runtime.amqp.publisher import AmqpRequestPublisher
from ichor_runtime.amqp.settings import (
    AmqpPrefix,
    AmqpSettings,
    AmqpUrl,
    ReplyTokenKeys,
    ReplyTokenSettings,
    read_keys,
)
from ichor_runtime.amqp.spans import process_span
from ichor_runtime.amqp.topology import (
    AMQP_ERRORS,
    Topology,
    connect,
    declare_request_queue,
    declare_topology,
    delete_topology,
    open_channel,
)

__all__ = [
    "AMQP_ERRORS",
    "AmqpPrefix",
    "AmqpRequestPublisher",
    "AmqpSettings",
    "AmqpUrl",
    "ReplyTokenKeys",
    "ReplyTokenSettings",
    "Topology",
    "connect",
    "declare_request_queue",
    "declare_topology",
    "delete_topology",
    "open_channel",
    "process_span",
    "read_keys",
]
