"""The commands of the README, and those that the demo prints, do what is said of them."""

import asyncio
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.end_to_end.kit.command import POLL_SECONDS
from tests.end_to_end.kit.demo_process import ROOT, demo_process

pytestmark = pytest.mark.servers

README = (ROOT / "README.md").read_text()


class Step(NamedTuple):
    """A block of commands, and lines that the README shows of its output."""

    commands: str
    shown: list[str]

    @property
    def only_looks(self) -> bool:
        """Whether it may be repeated until what it looks at has happened."""
        return not re.search(r" -(d|X) ", self.commands)


def steps(text: str) -> list[Step]:
    """Return the shell blocks of a text, each with the block of output that follows it."""
    found: list[Step] = []
    for language, content in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if language == "sh":
            found.append(Step(content, []))
        elif language == "text" and found:
            found[-1].shown.extend(line.strip() for line in content.splitlines())
    return found


async def run(commands: str, variables: Path, address: str) -> str:
    """Run commands in a shell that keeps its variables in a file; returns their output."""
    script = f"set -euo pipefail\nICHOR={address}\n. {variables}\n{commands}\n"
    script += f"declare -p RULE RUN > {variables} 2> /dev/null || true\n"
    shell = await asyncio.create_subprocess_exec(
        *("bash", "-c", script), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output = (await shell.communicate())[0].decode()
    assert shell.returncode == 0, f"{commands}\n{output}"
    return output


async def test_a_stranger_can_follow_the_readme(tmp_path: Path):
    variables = tmp_path / "variables"
    await asyncio.to_thread(variables.touch)
    async with demo_process(tmp_path / "logs", "--stay") as demo:
        line = await demo.read_until("export ICHOR=")
        address = line.removeprefix("export ICHOR=")
        assert re.sub(r":\d+/", ":…/", line) in README
        await demo.read_until("entity_id=1004")
        printed = demo.output.partition(line)[2]
        assert '"rule_name":"Order created"' in await run(printed, variables, address)
        for step in steps(README):
            output = await run(step.commands, variables, address)
            while step.only_looks and not all(shown in output for shown in step.shown):
                await asyncio.sleep(POLL_SECONDS)
                output = await run(step.commands, variables, address)
            assert '"type": "urn:ichor:problem' not in output
            assert all(shown in output for shown in step.shown), output
        demo.process.terminate()
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (0, [])
    assert demo.output.endswith("Everything is stopped.\n")
