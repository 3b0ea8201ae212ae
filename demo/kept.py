"""What stays between two starts of the demo: the data of its servers, ports, and keys."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct, field

from ichor_core.errors import IchorError
from ichor_devstack.ports import free_port

NAME = "data"
"""Of the folder, in the folder of the logs."""
_FOREIGN = ("DATABASE_URL", "AMQP_URL")


class KeepError(IchorError, RuntimeError):
    """Data cannot be kept."""


class _State(Struct):
    """What must be the same at each start."""

    told: bool = False
    ports: dict[str, int] = field(default_factory=dict[str, int])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    elsewhere: list[str] = field(default_factory=list[str])


class Kept:
    """A folder that outlives the demo.

    A start that was interrupted before its story ended leaves nothing to build on: the next one
    begins anew.

    Args:
        folder: is made if absent.

    Attributes:
        folder: of the data.
        is_new: whether nothing was there to go on with.

    Raises:
        KeepError: a variable names a server that is not the demo's own.
    """

    def __init__(self, folder: Path) -> None:
        foreign = [name for name in _FOREIGN if os.environ.get(name)]
        if foreign:
            raise KeepError(
                f"KEEP=yes keeps the data of servers of its own: unset {' and '.join(foreign)}"
            )
        self.folder = folder
        self._file = folder / "state.json"
        self._state = _read(self._file)
        self.is_new = not self._state.told
        if self.is_new:
            for path in (str(folder), *self._state.elsewhere):
                shutil.rmtree(path, ignore_errors=True)
            self._state = _State()
        folder.mkdir(parents=True, exist_ok=True)

    def port(self, name: str) -> int:
        """Return the port that something has at every start."""
        if name not in self._state.ports:
            self._state.ports[name] = free_port()
            self._write()
        return self._state.ports[name]

    def text(self, name: str, make: Callable[[], str]) -> str:
        """Return a text that is made at the first start."""
        if name not in self._state.texts:
            self._state.texts[name] = make()
            self._write()
        return self._state.texts[name]

    def is_at(self, folder: Path) -> None:
        """Note where a server really has its data, if that is not in the folder."""
        if not folder.is_relative_to(self.folder.absolute()):
            self._state.elsewhere = sorted({*self._state.elsewhere, str(folder)})
            self._write()

    def is_told(self) -> None:
        """Note that there is something for the next start to go on with."""
        self._state.told = True
        self._write()

    @property
    def places(self) -> list[Path]:
        """The folders that hold all of it."""
        return [self.folder, *map(Path, self._state.elsewhere)]

    def _write(self) -> None:
        self._file.touch(mode=0o600)
        new = self._file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_bytes(msgspec.json.encode(self._state))
        new.replace(self._file)


def _read(file: Path) -> _State:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_State)
    except (OSError, msgspec.DecodeError):
        return _State()
