"""A RabbitMQ node of one's own, or the broker that `AMQP_URL` names."""

import contextlib
import os
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from ichor_devstack.debian_package import install_package
from ichor_devstack.processes import NotInstalledError
from ichor_devstack.rabbitmq_container import container_node, find_docker
from ichor_devstack.rabbitmq_node import InstalledNode, find_script
from ichor_devstack.rabbitmq_server import RabbitmqServer

_ADVICE = (
    "RabbitMQ is not there: install the package rabbitmq-server "
    "(Debian, Ubuntu: sudo apt-get install rabbitmq-server), or set AMQP_URL to a broker that "
    "runs, such as amqp://guest:guest@localhost:5672/ after "
    "'docker run --detach --publish 127.0.0.1:5672:5672 rabbitmq:4'"
)


@contextlib.asynccontextmanager
async def rabbitmq(
    data_dir: Path | None = None, *, port: int | None = None, start: bool = True
) -> AsyncGenerator[RabbitmqServer]:
    """Run a RabbitMQ node while the context lasts.

    Where `AMQP_URL` is set, that broker is used and left running. Where RabbitMQ is not installed
    and this process is root on Debian or a relative of it, the package is installed, without
    starting its service. Where that cannot be done and there is Docker, it runs in a container.

    Args:
        data_dir: where its data stay, made if absent; None: a folder that is removed at the end.
            The data of a container go with it.
        port: None: a free one.
        start: False: give it before it runs, so that other things start alongside; `start()` is
            then the caller's to call, unless `folder` is None.

    Raises:
        NotInstalledError: it is not there; the message says what to do.
        ServerStartError: it does not start; the message shows its log.
    """
    url = os.environ.get("AMQP_URL")
    if url:
        yield RabbitmqServer(url)
        return
    async with await _choose(data_dir, port) as server:
        if start:
            await server.start()
        yield server


async def _choose(
    data_dir: Path | None, port: int | None
) -> contextlib.AbstractAsyncContextManager[RabbitmqServer]:
    script = find_script()
    if script is None:
        try:
            await install_package("rabbitmq-server", _ADVICE)
        except NotInstalledError:
            docker = await find_docker()
            if docker is None:
                raise
            return container_node(docker, port)
        script = find_script()
    if script is None:
        raise NotInstalledError(_ADVICE)
    return _installed_node(script, data_dir, port)


@contextlib.asynccontextmanager
async def _installed_node(
    script: Path, data_dir: Path | None, port: int | None
) -> AsyncGenerator[InstalledNode]:
    with contextlib.ExitStack() as temporary:
        if data_dir is None:
            folder = temporary.enter_context(
                tempfile.TemporaryDirectory(prefix="ichor-mq-", ignore_cleanup_errors=True)
            )
            data_dir = Path(folder)
        server = InstalledNode(script, data_dir.absolute(), port)
        try:
            yield server
        finally:
            await server.stop()
