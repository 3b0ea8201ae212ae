"""Runs uv, within a bounded time."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_SECONDS = 120


class UvError(RuntimeError):
    """uv failed; the message holds what it said."""


def uv(*arguments: str) -> str:
    """Run uv at the root of the repository; returns its output.

    Raises:
        UvError: it failed, or took longer than two minutes.
    """
    command = " ".join(("uv", *arguments))
    # Neither the workspace's environment nor another is to be used but what is named.
    kept = {name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        done = subprocess.run(
            [_ROOT / "scripts" / "uv", *arguments],
            cwd=_ROOT,
            env={
                # Without network it fails at once.
                "UV_HTTP_TIMEOUT": "15",
                "UV_HTTP_RETRIES": "1",
                "UV_PYTHON": sys.executable,
                "UV_NO_PROGRESS": "1",
                **kept,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UvError(f"{command}\ntook longer than {_SECONDS} s:\n{error.output}") from None
    if done.returncode:
        raise UvError(f"{command}\nfailed with {done.returncode}:\n{done.stdout}")
    return done.stdout
