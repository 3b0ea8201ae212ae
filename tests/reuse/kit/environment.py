"""An environment outside the workspace, in which nothing leads to the checkout."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.reuse.kit.uv import UvError, uv
from tests.reuse.kit.wheels import Wheel, with_dependencies

_SECONDS = 120


class Environment:
    """An environment that was made for a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scripts = folder / "bin"
        self.python = self.scripts / "python"

    def run(self, *command: str | Path, returns: int = 0) -> str:
        """Run one of its programs in its own folder, without anything of this process.

        Returns:
            What it wrote; the errors are shown where the exit code is not `returns`.
        """
        done = subprocess.run(
            [self.scripts / command[0], *command[1:]],
            cwd=self.folder,
            env={"PATH": os.defpath, "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == returns, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def install_others(self, *selection: str) -> None:
        """Install what others wrote, in the versions of the lock; from uv's cache if it can be.

        Args:
            selection: options of `uv export` that say for what.

        Raises:
            UvError: it cannot be had.
        """
        lock = self.folder / "pylock.toml"
        chosen = ("--frozen", "--no-emit-workspace", *selection)
        uv("export", *chosen, "--format", "pylock.toml", "--output-file", str(lock))
        try:
            self._install("--offline", "--requirements", str(lock))
        except UvError:
            self._install("--requirements", str(lock))

    def install_wheels(self, paths: Iterable[Path]) -> None:
        """Install wheels by their paths, so that no index is asked for them.

        Raises:
            UvError: one cannot be installed, or with them something is missing.
        """
        self._install("--offline", "--no-deps", *map(str, paths))
        uv("pip", "check", "--python", str(self.python))

    def _install(self, *what: str) -> None:
        uv("pip", "install", "--python", str(self.python), *what)


def make_environment(
    folder: Path, name: str, wheels: dict[str, Wheel], *others: Path
) -> Environment:
    """Make an environment that holds one member, and what it needs with all its extras.

    Args:
        folder: where.
        name: the member.
        wheels: of all members.
        others: wheels that are none of ours.

    Raises:
        UvError: something cannot be installed, or is missing.
    """
    uv("venv", "--quiet", str(folder))
    environment = Environment(folder)
    environment.install_others("--package", name, "--no-dev", "--all-extras")
    ours = [wheels[one].path for one in sorted(with_dependencies(name, wheels))]
    environment.install_wheels([*ours, *others])
    return environment
