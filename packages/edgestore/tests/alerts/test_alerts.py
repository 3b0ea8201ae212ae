"""Alerts: read whole, listed the newest first, found by what people look for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from ichor_core.contract import EffectKey
from ichor_core.errors import InvalidInputError, NotFoundError
from ichor_edgestore.alerts.records import AlertFilter


@pytest.fixture
def write(stores):
    """Store an alert with these fields; return its id."""

    async def write(execution_id: str | None = None, **fields: object) -> str:
        key = EffectKey(execution_id or str(uuid4()), str(uuid4()))
        written = await stores.effects.create_alert(key, {"title": "t", **fields})
        return written["alert_id"]

    return write


async def test_an_alert_is_read_whole(stores, write, accept_event) -> None:
    (execution,) = (await accept_event()).executions
    said = {
        "title": "t" * 500,
        "message": "日本",
        "severity": "critical",
        "recipients": ["ada", "sales"],
        "details": {"n": 2**70, "d": Decimal("0.1234567890123456789"), "list": [None, True]},
    }
    alert = await stores.alerts.get(await write(execution.execution_id, **said))
    for name, value in said.items():
        assert getattr(alert, name) == value, name
    assert (alert.execution_id, alert.rule_id) == (execution.execution_id, execution.rule_id)
    assert datetime.now(UTC) - alert.created_at < timedelta(minutes=1)
    assert (await stores.alerts.list()).items == [alert]


async def test_an_alert_of_no_rule(stores, write) -> None:
    alert = await stores.alerts.get(await write())
    assert (alert.rule_id, alert.recipients, alert.details) == (None, [], {})
    assert (alert.severity, alert.message) == ("info", "")


async def test_what_is_not_there(stores) -> None:
    unknown = str(uuid4())
    with pytest.raises(NotFoundError, match=unknown):
        await stores.alerts.get(unknown)
    assert (await stores.alerts.list()).items == []


async def test_alerts_are_listed_in_pages_the_newest_first(stores, write) -> None:
    written = [await write() for _ in range(5)]
    found, cursor = [], None
    while True:
        page = await stores.alerts.list(cursor=cursor, limit=2)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [one.id for one in found] == written[::-1]
    with pytest.raises(InvalidInputError):
        await stores.alerts.list(cursor="x")
    with pytest.raises(InvalidInputError):
        await stores.alerts.list(limit=0)


async def test_alerts_are_found(stores, write, accept_event) -> None:
    (execution,) = (await accept_event()).executions
    ids = {
        "ours": await write(execution.execution_id, recipients=["ada", "sales"]),
        "warning": await write(severity="warning", recipients=["adam"]),
        "critical": await write(severity="critical", recipients=["ada"]),
        "nobody's": await write(),
    }
    names = {id: name for name, id in ids.items()}

    async def found(**fields: object) -> list[str]:
        page = await stores.alerts.list(AlertFilter(**fields))
        return [names[one.id] for one in page.items]

    assert await found() == list(ids)[::-1]
    assert await found(execution_id=execution.execution_id) == ["ours"]
    assert await found(rule_id=execution.rule_id) == ["ours"]
    assert await found(rule_id=str(uuid4())) == []
    assert await found(severities=("info",)) == ["nobody's", "ours"]
    assert await found(severities=("critical", "warning")) == ["critical", "warning"]
    assert await found(severities=()) == []
    assert await found(recipient="ada") == ["critical", "ours"]
    assert await found(recipient="a") == []
    assert await found(recipient="ada", severities=("info", "warning")) == ["ours"]
    created = (await stores.alerts.get(ids["critical"])).created_at
    assert await found(created_after=created) == ["nobody's", "critical"]
    assert await found(created_before=created) == ["warning", "ours"]
