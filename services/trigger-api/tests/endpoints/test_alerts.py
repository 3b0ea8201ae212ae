"""People see what actions have told them."""

from uuid import uuid4

import pytest

from ichor_core.contract import EffectKey
from ichor_edgestore.effects import PostgresEffectStore

pytestmark = pytest.mark.servers


@pytest.fixture
def write(pool):
    """Store an alert with these fields; return its id."""
    effects = PostgresEffectStore(pool, {})

    async def write(execution_id: str | None = None, **fields) -> str:
        key = EffectKey(execution_id or str(uuid4()), str(uuid4()))
        return (await effects.create_alert(key, {"title": "t", **fields}))["alert_id"]

    return write


async def test_an_alert_is_read(api, write):
    rule_id = await api.rule(api.chain(api.node("A")))
    (execution,) = (await api.event())["executions"]
    said = {
        "title": "Low stock",
        "message": "日本",
        "severity": "critical",
        "recipients": ["ada"],
        "details": {"n": 2**70},
    }
    alert_id = await write(execution["execution_id"], **said)
    answer = await api.http.get(f"/alerts/{alert_id}")
    assert answer.status_code == 200
    alert = answer.json()
    assert alert.pop("created_at").endswith("Z")
    ids = {"id": alert_id, "execution_id": execution["execution_id"], "rule_id": rule_id}
    assert alert == {**ids, **said}
    assert (await api.http.get("/alerts")).json()["items"][0]["details"] == {"n": 2**70}


async def test_alerts_are_listed_in_pages_and_filtered(api, write):
    rule_id = await api.rule(api.chain(api.node("A")))
    (execution,) = (await api.event())["executions"]
    execution_id = execution["execution_id"]
    ids = [
        await write(execution_id, recipients=["ada", "sales"]),
        await write(severity="warning", recipients=["日本"]),
        await write(severity="critical", recipients=["ada"]),
        await write(),
    ]

    async def listed(**parameters):
        answer = await api.http.get("/alerts", params=parameters)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        return [ids.index(item["id"]) for item in page["items"]], page["next_cursor"]

    assert await listed() == ([3, 2, 1, 0], None)
    assert (await listed(execution_id=execution_id))[0] == [0]
    assert (await listed(rule_id=rule_id))[0] == [0]
    assert (await listed(severity="critical"))[0] == [2]
    assert (await listed(severity=["critical", "warning"]))[0] == [2, 1]
    assert (await listed(recipient="ada"))[0] == [2, 0]
    assert (await listed(recipient="日本"))[0] == [1]
    assert (await listed(recipient="sale"))[0] == []
    created = (await api.http.get(f"/alerts/{ids[2]}")).json()["created_at"]
    assert (await listed(created_after=created))[0] == [3, 2]
    assert (await listed(created_before=created.removesuffix("Z")))[0] == [1, 0]

    found, cursor = await listed(limit=3)
    assert found == [3, 2, 1]
    assert await listed(limit=3, cursor=cursor) == ([0], None)


async def test_an_alert_that_is_not_there(api, check_problem):
    unknown = str(uuid4())
    document = check_problem(await api.http.get(f"/alerts/{unknown}"), 404, "not-found")
    assert unknown in document["detail"]
    check_problem(await api.http.get("/alerts/7"), 404, "not-found")


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"severity": "huge"}, "severity"),
        ({"severity": ["info", ""]}, "severity"),
        ({"recipient": "\0"}, "recipient"),
        ({"recipient": "x" * 201}, "recipient"),
        ({"execution_id": "none"}, "execution_id"),
        ({"rule_id": "7"}, "rule_id"),
        ({"created_after": "yesterday"}, "created_after"),
        ({"created_before": "0001-01-01T00:00:00+14:00"}, "created_before"),
        ({"cursor": "x"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
    ],
)
async def test_a_wrong_parameter_is_named(api, check_problem, parameters, name):
    answer = await api.http.get("/alerts", params=parameters)
    document = check_problem(answer, 400, "invalid-request")
    assert [error["path"] for error in document["errors"]] == [name]
