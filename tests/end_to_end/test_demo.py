"""The demo runs to its end, shows everything, and leaves nothing behind."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
from aio_pika.exceptions import ChannelNotFoundEntity

from ichor_actions import Registry, Resources
from ichor_actions.builtin import builtin_actions
from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_runtime.amqp import Topology, open_channel
from tests.end_to_end.kit.demo_process import (
    ROOT,
    demo_process,
    ports_in,
    processes_of_session,
)

pytestmark = pytest.mark.servers

RULES = [json.loads(path.read_text()) for path in sorted((ROOT / "demo/rules").glob("*.json"))]
NEVER_COMPLETED = {"declined"}
"""The manager of the demo approves."""
NEVER_SKIPPED = {
    *("order", "large_order", "stock", "in_stock", "log_check"),
    *("points", "credit", "thanks"),
}


def log_of(folder: Path, name: str) -> str:
    return (folder / f"{name}.log").read_text()


async def test_the_whole_flow(tmp_path: Path):
    async with demo_process(tmp_path) as demo:
        await demo.read_until("Everything is stopped.")
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (0, [])
    assert ports_in(demo.output)
    rows = re.findall(
        r"^ +[\d.]+ s  (\w+) +(\w+) +(completed|skipped)\b", demo.output, re.MULTILINE
    )
    names = {action["name"] for rule in RULES for action in rule["graph"]["actions"]}
    assert {name for name, _, status in rows if status == "completed"} == names - NEVER_COMPLETED
    assert {name for name, _, status in rows if status == "skipped"} == names - NEVER_SKIPPED
    assert demo.output.count(" s  Order created: completed\n") == 3
    assert demo.output.count(" s  Thank gold customers: completed\n") == 1
    assert re.search(
        r"partner +call_webhook +running +attempt 2: POST .* answered 503", demo.output
    )
    skipped = [name for name, _, status in rows if status == "skipped"]
    assert demo.output.count("  skipped    no branch led here\n") == len(skipped)
    left = demo.output.partition("What is left to look at\n")[2]
    assert left.splitlines() == [
        f"  logs     {tmp_path}",
        f"  picture  {tmp_path / 'order-1001.mmd'} is the first execution, in Mermaid",
        "",
        "Everything is stopped.",
    ]
    assert "order 1001 is shipped; shipment 1; reference of the partner P-1001" in demo.output
    assert "order 1003 is waiting for stock; log:" in demo.output
    assert "\x1b" not in demo.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ichor-async-completer.log",
        "ichor-trigger-api.log",
        "ichor-worker.log",
        "inventory-service.log",
        "mails",
        "order-1001.mmd",
        "temporal.log",
    ]
    assert "flowchart TD" in (tmp_path / "order-1001.mmd").read_text()
    the_manager_decided_once(demo.output)
    each_request_was_answered_once(demo.output, tmp_path)


def the_manager_decided_once(output: str) -> None:
    asked = "GET /approvals?user=mia&role=manager lists: Release order 1001 of Example Books"
    assert output.count(asked) == 1
    assert output.count(" s  the demo plays the manager:\n") == 1
    assert (
        len(re.findall(r"POST /approvals/[-0-9a-f]{36}/decision by mia: approved$", output, re.M))
        == 1
    )
    assert output.count("log: released by mia, stock allocated") == 1
    assert output.count("log: released by the limit, stock allocated") == 1


def each_request_was_answered_once(output: str, logs: Path) -> None:
    """Once by the inventory service, once taken by Temporal, and reserved once."""
    said = [json.loads(line)["message"] for line in log_of(logs, "inventory-service").splitlines()]
    answered = re.findall(r"^Answered (\S+): (\w+)$", "\n".join(said), re.M)
    assert [status for _, status in answered] == ["allocated", "allocated", "insufficient"]
    assert len({request_id for request_id, _ in answered}) == 3
    completer = [json.loads(line) for line in log_of(logs, "ichor-async-completer").splitlines()]
    handled = [line["message"] for line in completer if "message_id" in line]
    assert handled == ["Action ended"] * 3
    assert "39 of 40 chairs, 24 of 24 cups, 9 of 10 desks, 18 of 20 lamps" in output
    assert "its answers: order 1001 allocated; order 1002 allocated; order 1003 insuff" in output


def test_the_rules_show_every_built_in_action_that_ends_by_itself_and_one_of_each_that_waits():
    shown = {action["action_type"] for rule in RULES for action in rule["graph"]["actions"]}
    types = Registry(builtin_actions(Resources())).types()
    by_itself = {kind.type for kind in types if kind.kind in ("local", "sync")}
    assert shown == by_itself | {"allocate_inventory", "manager_approval"}


async def test_a_service_that_ends_is_named_and_everything_is_stopped(tmp_path: Path):
    async with demo_process(tmp_path) as demo:
        await demo.read_until("the request is in RabbitMQ")
        (worker,) = [
            pid
            for pid, command in processes_of_session(demo.process.pid).items()
            if "ichor-worker" in command
        ]
        os.kill(worker, signal.SIGKILL)
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (1, [])
    log = tmp_path / "ichor-worker.log"
    said = f"error: ichor-worker ended (signal 9); its log is {log}\n"
    tail = demo.output.partition(said)[2].splitlines()
    assert tail.pop() == "Everything is stopped."
    assert 0 < len(tail) <= 10
    assert max(map(len, tail)) <= 160


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("Starting servers", signal.SIGINT),
        ("✓ PostgreSQL", signal.SIGTERM),
        ("✓ RabbitMQ", signal.SIGINT),
        ("the request is in RabbitMQ", signal.SIGTERM),
    ],
)
async def test_an_interruption_leaves_nothing(tmp_path: Path, moment: str, number: signal.Signals):
    async with demo_process(tmp_path) as demo:
        await demo.read_until(moment)
        demo.process.send_signal(number)
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (128 + number, [])
    assert "Traceback" not in demo.output
    assert "Warning" not in demo.output


async def test_without_rabbitmq_one_sentence_says_what_to_do(tmp_path: Path):
    """Nothing to start and no apt-get on the path."""
    prelude = "from ichor_devstack import rabbitmq_node\nrabbitmq_node._SCRIPTS = ()"
    variables = {"AMQP_URL": "", "PATH": str(tmp_path)}
    async with demo_process(tmp_path, prelude=prelude, **variables) as demo:
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (2, [])
    first, empty, error = demo.output.splitlines()
    assert (first.split()[0], empty) == ("Starting", "")
    assert error.startswith("error: RabbitMQ is not there: install the package rabbitmq-server")
    assert "or set AMQP_URL" in error


async def test_a_broker_that_does_not_answer_is_named(tmp_path: Path):
    url = f"amqp://ichor:secret@{LOOPBACK}:{free_port()}/"
    async with demo_process(tmp_path, AMQP_URL=url) as demo:
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (1, [])
    assert "error: the broker of AMQP_URL cannot be used" in demo.output
    assert "secret" not in demo.output
    assert "Traceback" not in demo.output


async def test_nothing_stays_on_a_broker_that_is_shared(
    tmp_path: Path, rabbitmq_server: RabbitmqServer
):
    async with demo_process(tmp_path, AMQP_URL=rabbitmq_server.url) as demo:
        line = await demo.read_until("✓ RabbitMQ")
        await demo.read_until("the request is in RabbitMQ")
        demo.process.terminate()
        exit_code = await demo.end()

    assert exit_code == 128 + signal.SIGTERM
    found = re.search(r"ichor-demo-\w+", line)
    assert found
    topology = Topology(found[0])
    names = (topology.replies, topology.dead_letters, topology.request_queue("allocate_inventory"))
    for name in names:
        async with open_channel(rabbitmq_server.url, "test") as channel:
            with pytest.raises(ChannelNotFoundEntity):
                await channel.declare_queue(name, passive=True)
