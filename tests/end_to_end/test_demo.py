"""The demo runs to its end, shows everything, and leaves nothing behind."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from ichor_actions import Registry, Resources
from ichor_actions.builtin import builtin_actions
from tests.end_to_end.demo_process import (
    ROOT,
    demo_process,
    ports_in,
    processes_of_session,
)

pytestmark = pytest.mark.servers

RULES = [json.loads(path.read_text()) for path in sorted((ROOT / "demo/rules").glob("*.json"))]
SKIPPED = {"approve", "review"}
"""Each of them is skipped for one of the two orders."""


async def test_the_whole_flow(tmp_path: Path):
    async with demo_process(tmp_path) as demo:
        await demo.read_until("Everything is stopped.")
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (0, [])
    assert ports_in(demo.output)
    rows = re.findall(r"^  (\w+) +(\w+) +(completed|skipped)\b", demo.output, re.MULTILINE)
    names = {action["name"] for rule in RULES for action in rule["graph"]["actions"]}
    assert {name for name, _, status in rows if status == "completed"} == names
    assert {name for name, _, status in rows if status == "skipped"} == SKIPPED
    assert demo.output.count("  Order created: completed\n") == 2
    assert demo.output.count("  Thank gold customers: completed\n") == 1
    assert re.search(r"partner +call_webhook +completed +\d+ ms +2 ", demo.output)
    assert "order 1001 is shipped: shipment 1, reference of the partner P-1001" in demo.output
    assert "flowchart TD" in demo.output
    assert "\x1b" not in demo.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ichor-trigger-api.log",
        "ichor-worker.log",
        "temporal.log",
    ]


def test_the_rules_show_every_built_in_action_that_ends_by_itself():
    shown = {action["action_type"] for rule in RULES for action in rule["graph"]["actions"]}
    types = Registry(builtin_actions(Resources())).types()
    assert shown == {kind.type for kind in types if kind.kind in ("local", "sync")}


async def test_a_service_that_ends_is_named_and_everything_is_stopped(tmp_path: Path):
    async with demo_process(tmp_path, "--stay") as demo:
        await demo.read_until("✓ ichor-trigger-api")
        (worker,) = [
            pid
            for pid, command in processes_of_session(demo.process.pid).items()
            if "ichor-worker" in command
        ]
        os.kill(worker, signal.SIGKILL)
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (1, [])
    assert f"error: ichor-worker ended; see {tmp_path / 'ichor-worker.log'}\n" in demo.output
    assert demo.output.rstrip().endswith("}"), "the tail of its log, in JSON"


async def test_an_interruption_while_servers_start_leaves_nothing(tmp_path: Path):
    async with demo_process(tmp_path) as demo:
        await demo.read_until("✓ PostgreSQL")
        demo.process.send_signal(signal.SIGINT)
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (128 + signal.SIGINT, [])
