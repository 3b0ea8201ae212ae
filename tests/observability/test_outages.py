"""While something is away metrics are still shown, without values that nobody knows."""

import pytest

from tests.observability.kit.exposed import scrape
from tests.observability.kit.measured import Measured, until

pytestmark = pytest.mark.servers

LOOKED_UP = ("ichor_relay_waiting", "ichor_relay_oldest_age_seconds", "ichor_approval_open")


async def test_the_database_is_away(run: Measured):
    relay = run.blind_relay
    await until(relay, lambda seen: all(seen.samples(name) for name in LOOKED_UP))
    await run.ichor.stop_postgres()
    await until(relay, lambda seen: not any(seen.samples(name) for name in LOOKED_UP))
    assert (await scrape(relay)).samples("ichor_build_info")
    await run.ichor.start_postgres()
    await until(relay, lambda seen: all(seen.samples(name) for name in LOOKED_UP))


async def test_temporal_is_away_while_a_reply_arrives(run: Measured):
    await run.ichor.temporal.stop()
    await run.repeat_reply()
    paused = await until(
        run.completer, lambda seen: seen.by("ichor_completer_paused_time_seconds")[()] > 0
    )
    assert paused.by("ichor_completer_paused") == {(): 1}
    await until(run.completer, lambda seen: seen.by("ichor_completer_consuming") == {(): 0})
    await run.ichor.temporal.start()
    await until(run.completer, lambda seen: seen.by("ichor_completer_consuming") == {(): 1})
    seen = await scrape(run.completer)
    assert seen.by("ichor_completer_paused") == {(): 0}
    assert seen.by("ichor_completer_paused_time_seconds") == {(): 0}
