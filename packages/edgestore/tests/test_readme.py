"""The example of the README works as it stands."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.mark.servers
async def test_the_example_runs(database: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-W", "error", "-c", example],
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
