"""The wheels, built once, and the environments in which the examples are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ichor_devstack.temporal import TemporalServer
from tests.end_to_end.kit.gated_target import gated_target
from tests.end_to_end.kit.installation import Installation
from tests.reuse.kit.environment import Environment, make_environment
from tests.reuse.kit.wheels import Wheel, build_all, build_example


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Wheel]:
    """Give the wheels of all members by distribution."""
    return build_all(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def with_core(wheels: dict[str, Wheel], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give an environment with ichor-core, and the example that embeds it."""
    example = build_example("embedded_core", tmp_path_factory.mktemp("embedded_core"))
    return make_environment(tmp_path_factory.mktemp("with_core"), "ichor-core", wheels, example)


@pytest.fixture(scope="session")
def with_worker(wheels: dict[str, Wheel], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give an environment with ichor-worker, the example of an own action, and pytest."""
    example = build_example("own_action", tmp_path_factory.mktemp("own_action"))
    folder = tmp_path_factory.mktemp("with_worker")
    environment = make_environment(folder, "ichor-worker", wheels, example)
    environment.install_others("--package", "ichor-actions", "--only-group", "test")
    return environment


@pytest.fixture
async def ichor(tmp_path: Path, temporal_server: TemporalServer) -> AsyncIterator[Installation]:
    """Give an installation whose API runs, and whose worker is the test's to start."""
    async with gated_target() as target:
        ichor = Installation(tmp_path, target, temporal_server)
        await ichor.open()
        try:
            await ichor.api.start()
            await ichor.api.ready()
            yield ichor
        finally:
            await ichor.close()
