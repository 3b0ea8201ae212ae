"""The Dockerfile, read by Docker's own parser, and its build steps carried out in a folder."""

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dockerfile
from msgspec import Struct

from tests.infra.kit.build_context import copy_from_context
from tests.infra.kit.repository import INFRA, ROOT

DOCKERFILE = INFRA / "Dockerfile"
ENVIRONMENT = "/opt/ichor"
"""Where the environment is in the image; here it is below the folder of the build."""
_STEP_SECONDS = 150
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")


class Stage(Struct):
    """A stage of the build."""

    name: str
    base: str
    steps: list[Any]


def parse() -> list[Any]:
    """Return the instructions; raises where Docker would not understand the file."""
    return list(dockerfile.parse_file(str(DOCKERFILE)))


def stages(**arguments: str) -> dict[str, Stage]:
    """Return the stages by name, the last one also as ``""``."""
    found: dict[str, Stage] = {}
    stage = Stage("", "", [])
    for step in parse():
        if step.cmd.upper() == "FROM":
            name = step.value[2] if len(step.value) > 1 else ""
            stage = Stage(name, expand(step.value[0], arguments), [])
            found[name] = stage
        elif stage.base:
            stage.steps.append(step)
    found[""] = stage
    return found


def steps_of(name: str, command: str = "", **arguments: str) -> list[Any]:
    """Return the steps of a stage after those of the stages it is based on."""
    all_stages = stages(**arguments)
    stage: Stage | None = all_stages[name]
    steps: list[Any] = []
    while stage is not None:
        steps = stage.steps + steps
        stage = all_stages.get(stage.base)
    return [step for step in steps if not command or step.cmd.upper() == command]


def variables_of(name: str, **arguments: str) -> dict[str, str]:
    """Return what ENV sets in a stage, with what the stages it is based on set."""
    found: dict[str, str] = {}
    for step in steps_of(name, "ENV", **arguments):
        found |= _pairs(step, {**arguments, "PATH": os.defpath, **found})
    return found


def command_of(service: str) -> list[str]:
    """Return what an image of the service runs."""
    return list(steps_of("", "CMD", SERVICE=service)[-1].value)


def health_command_of(service: str) -> list[str]:
    """Return what Docker runs to learn about a container's health."""
    keyword, *command = steps_of("", "HEALTHCHECK", SERVICE=service)[-1].value
    assert keyword == "CMD"
    return command


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``$NAME`` and ``${NAME}``; what is not set becomes empty, as Docker has it."""
    return _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], ""), text)


def _pairs(step: Any, variables: Mapping[str, str]) -> dict[str, str]:
    names, values = step.value[::2], step.value[1::2]
    return {
        name: expand(value.strip('"'), variables) for name, value in zip(names, values, strict=True)
    }


class BuildError(RuntimeError):
    """A step of the Dockerfile failed."""


class Build:
    """The build stage of one service in a folder instead of an image.

    Attributes:
        environment: what the runtime stage copies.
    """

    def __init__(self, service: str, folder: Path) -> None:
        self._service = service
        self._folder = folder
        self._workdir = folder
        self._variables: dict[str, str] = {}
        self.environment = folder / ENVIRONMENT.lstrip("/")

    def here(self, text: str) -> str:
        """Return a path, or a list of them, of the image as it is here."""
        return text.replace(ENVIRONMENT, str(self.environment))

    async def run(self) -> None:
        """Carry out the steps.

        Raises:
            BuildError: one failed or took too long; its output is in the message.
        """
        for step in stages()["build"].steps:
            match step.cmd.upper():
                case "ARG":
                    assert step.value == ("SERVICE",), f"no value for {step.original}"
                    self._variables["SERVICE"] = self._service
                case "ENV":
                    pairs = _pairs(step, self._variables)
                    self._variables |= {name: self.here(value) for name, value in pairs.items()}
                case "WORKDIR":
                    self._workdir = self._folder / step.value[0].lstrip("/")
                    self._workdir.mkdir(parents=True)
                case "COPY":
                    self._copy(step)
                case "RUN":
                    await self._run(step)
                case other:
                    raise BuildError(f"no test can carry out {other} yet: {step.original}")

    def _copy(self, step: Any) -> None:
        *sources, target = step.value
        for source in sources:
            into = self._workdir / target
            copy_from_context(source, into / source if target.endswith("/") else into)

    async def _run(self, step: Any) -> None:
        mounts = [dict(item.split("=", 1) for item in flag[8:].split(",")) for flag in step.flags]
        bound = [mount for mount in mounts if mount["type"] == "bind"]
        for mount in bound:
            copy_from_context(mount["source"], self._workdir / mount["target"])
        caches = {mount["target"] for mount in mounts if mount["type"] == "cache"}
        (script,) = step.value
        await self._shell(script, caches)
        for mount in bound:
            (self._workdir / mount["target"]).unlink()

    async def _shell(self, script: str, caches: set[str]) -> None:
        # A cache that is mounted is the one of this machine, wherever its tool has it; and from
        # that one files need not be copied.
        variables = {name: v for name, v in self._variables.items() if v not in caches}
        variables.pop("UV_LINK_MODE", None)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VIRTUAL")}
        kept.pop("UV_PROJECT_ENVIRONMENT", None)
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-euc", script),
            cwd=self._workdir,
            env={
                # The tests' own Python; name another one to try that of the image.
                "UV_PYTHON": sys.executable,
                # Without network it fails at once.
                "UV_HTTP_TIMEOUT": "15",
                "UV_HTTP_RETRIES": "1",
                **kept,
                # scripts/uv would find itself there; it puts the tool where this looks for it.
                "PATH": f"{os.environ['PATH']}:{ROOT / '.tools/uv/bin'}",
                **variables,
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(_STEP_SECONDS):
                output, _ = await process.communicate()
        except TimeoutError:
            raise BuildError(f"longer than {_STEP_SECONDS} s: {script}") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise BuildError(
                f"{script}\nfailed with {process.returncode}:\n{output.decode(errors='replace')}"
            )
