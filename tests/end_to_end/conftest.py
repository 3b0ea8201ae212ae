"""One installation for the whole folder."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.kit.installation import Installation, installation


@pytest.fixture(scope="session")
async def shared_installation() -> AsyncIterator[Installation]:
    """Give the installation in whatever state the test before left it."""
    with tempfile.TemporaryDirectory(prefix="ichor-end-to-end-") as folder:
        async with installation(Path(folder)) as ichor:
            yield ichor


@pytest.fixture
async def ichor(shared_installation: Installation) -> AsyncIterator[Installation]:
    """Give the installation with everything up and ready."""
    await shared_installation.bring_up()
    yield shared_installation
    shared_installation.target.release_all()
