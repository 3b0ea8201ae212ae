"""The three environments that the Dockerfile installs."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.infra.kit.dockerfile_steps import Build
from tests.infra.kit.repository import SERVICES


@pytest.fixture(scope="session")
async def builds() -> AsyncIterator[dict[str, Build]]:
    """Give what the build stage made for each service."""
    with tempfile.TemporaryDirectory(prefix="ichor-images-") as folder:
        found = {service: Build(service, Path(folder) / service) for service in SERVICES}
        async with asyncio.TaskGroup() as group:
            for build in found.values():
                group.create_task(build.run())
        yield found
