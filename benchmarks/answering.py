"""``python -m benchmarks.answering``: another system that answers every request at once.

Told by `AMQP_URL`, and by `ACTION_TYPE` and `RESULT` (JSON) what it answers.
"""

import asyncio
import json
import os
import signal

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage

from ichor_runtime.amqp import Topology, declare_request_queue, declare_topology, open_channel

READY = "answering"
_PREFETCH = 200


async def main() -> None:
    """Answer until told to stop (SIGTERM)."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    result = json.loads(os.environ["RESULT"])
    topology = Topology()
    async with open_channel(os.environ["AMQP_URL"], "benchmark-answering") as channel:
        await declare_topology(channel, topology)
        await channel.set_qos(prefetch_count=_PREFETCH)
        queue = await declare_request_queue(channel, topology, os.environ["ACTION_TYPE"])

        async def answer(message: AbstractIncomingMessage) -> None:
            token = json.loads(message.body)["reply_token"]
            reply = {"version": 1, "reply_token": token, "success": True, "result": result}
            await channel.default_exchange.publish(
                Message(json.dumps(reply).encode(), delivery_mode=DeliveryMode.PERSISTENT),
                topology.replies,
                mandatory=True,
            )
            await message.ack()

        await queue.consume(answer)
        print(READY, flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
