"""The variables by which commands in another terminal reach what the demo runs."""

import os
import shlex
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ichor_devstack.postgres import wheel_binaries

NAME = "env"
"""Of the file, in the folder of the logs."""

_HEAD = """\
# How to reach the demo that runs now. For a terminal of its own: there, `make demo` and the tests
# would use these servers too.
"""


@contextmanager
def environment_file(path: Path, variables: Mapping[str, str]) -> Generator[None]:
    """Keep a shell script that exports variables while the context lasts.

    It is for its owner alone, for it holds passwords and keys. The path gets the programs of this
    environment, `temporal` among them, and `psql`.

    Args:
        path: of the script; what is there is replaced.
        variables: by name.
    """
    programs = shlex.quote(str(Path(sys.executable).parent))
    # Last: a psql that is installed goes before that of the wheel.
    lines = [f"export PATH={programs}:$PATH:{shlex.quote(str(wheel_binaries()))}"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(_HEAD + "\n".join(lines) + "\n")
        yield
    finally:
        path.unlink(missing_ok=True)
