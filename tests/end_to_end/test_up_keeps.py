"""What `make up` keeps, survives and shows: data, PostgreSQL's end, mails, format of logs."""

import email
import email.policy
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.end_to_end.kit.demo_process import DemoProcess, demo_process, processes_of_session
from tests.end_to_end.kit.terminal import typed
from tests.end_to_end.test_up import completes, send_order, status_of, until_it_runs

pytestmark = pytest.mark.servers

# The superuser's server process is the only one whose command line names its data.
POSTGRES = "bin/postgres -D"
LOGS = {"LOG_FORMAT": "console", "LOG_LEVEL": "debug"}


async def interrupted(demo: DemoProcess) -> None:
    """End it with Ctrl-C; it must end well."""
    demo.process.send_signal(signal.SIGINT)
    assert await demo.end() == 0, demo.output
    assert await demo.leftovers() == []


async def count_of(variables: str, question: str) -> int:
    return int(await typed(f'{variables}\npsql "$DATABASE_URL" -Atc "select count(*) {question}"'))


def places_of(demo: DemoProcess) -> list[str]:
    """Return the folders that it says to remove in order to begin anew."""
    (line,) = [one for one in demo.output.splitlines() if one.endswith(" begins anew")]
    return line.partition("rm -r ")[2].removesuffix(" begins anew").split()


async def test_data_are_kept_and_executions_go_on(tmp_path: Path):
    """Rules, rows and histories are there after the end of everything, and rules still work."""
    async with demo_process(tmp_path, "--stay", "--keep") as demo:
        variables = await until_it_runs(demo)
        places = places_of(demo)
        assert places[0] == str(tmp_path / "data")
        assert f"  data     {' and '.join(places)} stay after Ctrl-C: PostgreSQL, Temporal, " in (
            demo.output
        )
        # A worker is needed for it to end, and the inventory service to reply.
        before = await send_order(variables)
        await completes(variables, before)
        rules = await count_of(variables, "from workflow.automation_rules")
        await typed(
            f"{variables}\npsql \"$DATABASE_URL\" -c \"insert into orders values ('mine', 'new')\""
        )
        api = await typed(f"{variables}\necho $ICHOR")
        await interrupted(demo)

    async with demo_process(tmp_path, "--stay", "--keep") as demo:
        variables = await until_it_runs(demo)
        assert "Rules, executions and orders of the last start are there again" in demo.output
        assert "Order 1001 is large" not in demo.output
        assert await typed(f"{variables}\necho $ICHOR") == api, "where it was before"
        assert await status_of(variables, before) == "completed"
        workflows = json.loads(await typed(f"{variables}\ntemporal workflow list --output json"))
        assert len(workflows) >= 5
        assert await count_of(variables, "from workflow.automation_rules") == rules
        assert await count_of(variables, "from orders where id = 'mine'") == 1
        # The partner's address is in a rule, a large order asks it.
        await completes(variables, await send_order(variables))
        await interrupted(demo)

    for place in places:
        shutil.rmtree(place)


async def test_a_first_start_that_was_interrupted_is_begun_anew(tmp_path: Path):
    async with demo_process(tmp_path, "--stay", "--keep") as demo:
        await demo.read_until("event on_create accepted")
        demo.process.send_signal(signal.SIGINT)
        assert await demo.end() == 128 + signal.SIGINT
    async with demo_process(tmp_path, "--stay", "--keep") as demo:
        variables = await until_it_runs(demo)
        assert await count_of(variables, "from workflow.automation_rules") == 2
        places = places_of(demo)
        await interrupted(demo)
    for place in places:
        shutil.rmtree(place)


async def test_data_of_a_server_of_others_are_not_kept(tmp_path: Path):
    async with demo_process(tmp_path, "--stay", "--keep", DATABASE_URL="postgresql://x/y") as demo:
        assert await demo.end() == 1
    assert "error: KEEP=yes keeps the data of servers of its own: unset DATABASE_URL" in demo.output


async def test_postgres_may_end_and_nothing_is_lost(tmp_path: Path):
    """Killed as by a crash, and stopped as an operator does."""
    async with demo_process(tmp_path, "--stay") as demo:
        variables = await until_it_runs(demo)
        assert "  data     end with Ctrl-C; make up KEEP=yes keeps them" in demo.output
        before = await send_order(variables)
        await completes(variables, before)
        for number, how in ((signal.SIGKILL, "signal 9"), (signal.SIGINT, "exit code 0")):
            processes = processes_of_session(demo.process.pid).items()
            (pid,) = [pid for pid, command in processes if POSTGRES in command]
            os.kill(pid, number)
            line = await demo.read_until("PostgreSQL ended")
            assert line == f"PostgreSQL ended ({how}); it runs again, on its port and with its data"
            assert await status_of(variables, before) == "completed"
            await completes(variables, await send_order(variables))
        await interrupted(demo)


async def test_mails_are_shown_and_logs_have_the_format_that_is_asked_for(tmp_path: Path):
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails/0007.eml").write_text("of a start before")
    async with demo_process(tmp_path, "--stay", **LOGS) as demo:
        variables = await until_it_runs(demo)
        folder = tmp_path / "mails"
        assert f"  mails    {folder}, each as a file\n" in demo.output
        first = sorted(file.name for file in folder.iterdir())
        assert first == ["0001.eml", "0002.eml", "0003.eml"]
        await completes(variables, await send_order(variables))
        line = await demo.read_until("mail to")
        assert line.startswith("mail to tea@example.com: ")
        shown = Path(line.rpartition("(")[2].removesuffix(")"))
        mail = email.message_from_bytes(shown.read_bytes(), policy=email.policy.default)
        assert line == f"mail to {mail['To']}: {mail['Subject']}  ({shown})"
        assert mail["From"] == "Orders <orders@example.com>"
        await interrupted(demo)

    for service in ("ichor-worker", "ichor-trigger-api", "ichor-async-completer"):
        text = (tmp_path / f"{service}.log").read_text()
        assert text.strip()
        assert not text.startswith("{")
        assert '"level"' not in text
    assert "debug" in (tmp_path / "ichor-trigger-api.log").read_text()
