"""One measured installation for the whole folder."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.observability.kit.measured import Measured, measured


@pytest.fixture(scope="session")
async def run() -> AsyncIterator[Measured]:
    """Give the installation once everything has happened in it."""
    with tempfile.TemporaryDirectory(prefix="ichor-observability-") as folder:
        async with measured(Path(folder)) as run:
            yield run
