"""The span of one delivery of a reply, part of the trace of the attempt that it answers."""

from collections.abc import Generator
from contextlib import contextmanager

from aio_pika.abc import AbstractIncomingMessage
from opentelemetry.trace import Status, StatusCode

from ichor_async_completer.replies.reply import Judgement, Late, Unusable, Usable
from ichor_core import telemetry as names
from ichor_runtime.amqp import process_span


@contextmanager
def reply_span(queue: str, message: AbstractIncomingMessage, judged: Judgement) -> Generator[None]:
    """Trace a delivery.

    A sender that does not trace does not break the trace: the reply's token knows it.
    """
    traceparent = judged.token.traceparent if isinstance(judged, Usable) else None
    with process_span(
        queue,
        message.headers,
        message.message_id or "",
        len(message.body),
        instead=traceparent,
    ) as span:
        match judged:
            case Usable(token, _, error):
                span.set_attribute(names.EXECUTION_ID, token.execution_id)
                span.set_attribute(names.ACTION_ID, token.action_id)
                span.set_attribute(names.ACTION_NAME, token.action_name)
                span.set_attribute(names.ACTION_ATTEMPT, token.attempt)
                if error is not None:
                    span.set_attribute("error.type", error.type)
                    span.set_status(Status(StatusCode.ERROR, error.message))
            case Unusable(reason):
                span.set_attribute("error.type", "DeadLetter")
                span.set_status(Status(StatusCode.ERROR, reason))
            case Late(reason):
                span.add_event("late", {"reason": reason})
        yield
