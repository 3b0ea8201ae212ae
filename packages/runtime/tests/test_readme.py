"""The process in the README runs."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

from ichor_devstack.ports import free_port


async def ask(port: int, path: str) -> tuple[int, dict]:
    while True:  # until the process listens; the test run's own limit ends it otherwise
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.02)
            continue
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1]), json.loads(body)


async def test_the_process_serves_without_temporal_and_ends_when_told():
    text = (Path(__file__).parents[1] / "README.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    port, nobody = free_port(), free_port()
    variables = {**os.environ, "PORT": str(port), "TEMPORAL_ADDRESS": f"127.0.0.1:{nobody}"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=variables)
    try:
        status, report = await ask(port, "/health/ready")
    finally:
        process.terminate()
    assert (status, report["status"], report["degraded"]) == (200, "ready", ["temporal"])
    assert await process.wait() == 0
