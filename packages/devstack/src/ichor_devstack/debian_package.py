"""Installs a server's Debian package without letting it start a service."""

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

from ichor_devstack.processes import NotInstalledError, ServerStartError, run_program

POLICY = Path("/usr/sbin/policy-rc.d")
_REFUSE = "#!/bin/sh\nexit 101\n"
_logger = logging.getLogger(__name__)


async def install_package(name: str, advice: str) -> None:
    """Install a package with apt-get.

    Args:
        name: of the package.
        advice: text of the error if it cannot be installed.

    Raises:
        NotInstalledError: this process is not root, there is no apt-get, or apt-get fails.
    """
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise NotInstalledError(advice)
    # Shown even where nobody has set up logging: it takes a while, and changes the machine.
    _logger.warning("%s is not there; apt-get installs it, without starting its service", name)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        await run_program("apt-get update", [apt, "-q", "update"], env=environment)
        with no_service_starts():
            await run_program(
                "apt-get install",
                [apt, "-q", "-y", "--no-install-recommends", "install", name],
                env=environment,
            )
    except ServerStartError as error:
        raise NotInstalledError(f"{advice}\n{error}") from error


@contextlib.contextmanager
def no_service_starts(policy: Path = POLICY) -> Generator[None]:
    """Refuse the start of services by package scripts; the machine's own policy comes back."""
    with tempfile.TemporaryDirectory(dir=policy.parent, prefix=".policy-") as folder:
        own = Path(folder) / "own"
        if policy.exists():
            shutil.copy2(policy, own)
        new = Path(folder) / "refuse"
        new.write_text(_REFUSE)
        new.chmod(0o755)
        new.replace(policy)
        try:
            yield
        finally:
            if own.exists():
                own.replace(policy)
            else:
                policy.unlink()
