"""The examples of the README work as they stand."""

import asyncio
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


async def test_the_examples_run(tmp_path):
    module, *scripts = blocks("python")
    (declaration,) = blocks("toml")
    points = tomllib.loads(declaration)["project"]["entry-points"]["ichor.actions"]
    (tmp_path / "greetings.py").write_text(module)
    info = tmp_path / "greetings-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: greetings\nVersion: 1.0\n")
    lines = "\n".join(f"{name} = {value}" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[ichor.actions]\n{lines}\n")
    assert len(scripts) == 4
    for script in scripts:
        # A process of its own: the example starts an event loop and is installed for itself only.
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-W", "error", "-c", script],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
