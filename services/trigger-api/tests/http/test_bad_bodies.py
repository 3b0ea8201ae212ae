"""Whatever is sent is answered with a problem that names the place, or handled exactly."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers

JSON = {"content-type": "application/json"}
EVENT = {"entity_name": "order", "entity_id": "1", "event_type": "on_create"}
RULE = {"name": "n", "trigger_entity": "order", "trigger_event": "on_create"}
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def api(shared_api):
    return shared_api


@pytest.fixture
async def stored(shared_pool):
    """Give a function that counts everything that is stored."""

    async def count() -> int:
        tables = ("automation_rules", "rule_actions", "action_edges", "events", "executions")
        counts = [
            await shared_pool.fetchval(f"SELECT count(*) FROM workflow.{name}") for name in tables
        ]
        return sum(counts)

    return count


def endpoints(rule_id):
    return [
        ("POST", "/events"),
        ("POST", "/rules"),
        ("PATCH", f"/rules/{rule_id}"),
        ("PUT", f"/rules/{rule_id}/graph"),
        ("POST", f"/rules/{rule_id}/simulate"),
        ("POST", "/graphs/validate"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nonsense",
        b"{'single': 1}",
        b'{"a": NaN}',
        b'{"a": 1e}',
        b'{"a": 01}',
        b'{"a": 1,}',
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b"{} {}",
        b"[" * 100_000,
        b'{"a":' * 30_000,
        b"\x00",
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_what_is_not_json_is_400(api, check_problem, stored, body):
    rule_id = await api.rule(api.chain(api.node("A")))
    before = await stored()
    for method, path in endpoints(rule_id):
        answer = await api.http.request(method, path, content=body, headers=JSON)
        document = check_problem(answer, 400, "malformed-json")
        assert len(document["detail"]) < 500
    assert await stored() == before


async def test_the_position_of_a_fault_is_named(api, check_problem):
    answer = await api.http.post("/events", content=b'{"entity_name": oops}', headers=JSON)
    assert "byte 16" in check_problem(answer, 400, "malformed-json")["detail"]


@pytest.mark.parametrize("body", ["3", "null", '"text"', "[]", "[{}]", "true"])
async def test_another_type_than_an_object_is_422(api, check_problem, stored, body):
    rule_id = await api.rule(api.chain(api.node("A")))
    before = await stored()
    for method, path in endpoints(rule_id):
        answer = await api.http.request(method, path, content=body, headers=JSON)
        document = check_problem(answer, 422, "invalid-value")
        assert document["errors"][0]["path"] == "$"
        assert "object" in document["errors"][0]["message"]
    assert await stored() == before


async def test_an_unknown_field_is_named_everywhere(api, check_problem):
    rule_id = await api.rule(api.chain(api.node("A")))
    for method, path in endpoints(rule_id):
        answer = await api.http.request(method, path, json={**EVENT, **RULE, "colour": "red"})
        document = check_problem(answer, 422, "invalid-value")
        assert "unknown field" in document["detail"]


@pytest.mark.parametrize(
    ("part", "unknown", "path"),
    [
        ("actions", {"colour": 1}, "$.actions[0]"),
        ("actions", {"limits": {"colour": 1}}, "$.actions[0].limits"),
        ("edges", {"colour": 1}, "$.edges[0]"),
    ],
)
async def test_an_unknown_field_is_named_inside_a_graph(api, check_problem, part, unknown, path):
    graph = api.chain(api.node("A"))
    graph[part][0].update(unknown)
    document = check_problem(
        await api.http.post("/graphs/validate", json=graph), 422, "invalid-value"
    )
    assert document["errors"][0]["path"] == path
    assert "`colour`" in document["errors"][0]["message"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"entity_name": ""}, "$.entity_name"),
        ({"entity_name": None}, "$.entity_name"),
        ({"entity_id": 7}, "$.entity_id"),
        ({"entity_id": "x" * 201}, "$.entity_id"),
        ({"event_type": "on_fire"}, "$.event_type"),
        ({"event_id": "none"}, "$.event_id"),
        ({"event_id": str(uuid4()) + "0"}, "$.event_id"),
        ({"data": []}, "$.data"),
        ({"data": None}, "$.data"),
        ({"data": {"a": [1, {"b": "x\0"}]}}, "$.data.a[1].b"),
        ({"entity_id": "\0"}, "$.entity_id"),
        ({"data": {"a\0": 1}}, "$.data"),
    ],
)
async def test_a_wrong_value_of_an_event_is_named(api, check_problem, stored, change, path):
    before = await stored()
    answer = await api.http.post("/events", json={**EVENT, **change})
    document = check_problem(answer, 422, "invalid-value")
    assert document["errors"][0]["path"] == path
    assert await stored() == before


@pytest.mark.parametrize("missing", sorted(EVENT))
async def test_a_missing_field_is_named(api, check_problem, missing):
    event = {key: value for key, value in EVENT.items() if key != missing}
    document = check_problem(await api.http.post("/events", json=event), 422, "invalid-value")
    assert f"`{missing}`" in document["detail"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": ""}, "$.name"),
        ({"name": "x" * 201}, "$.name"),
        ({"name": None}, "$.name"),
        ({"name": "\0"}, "$.name"),
        ({"trigger_event": "on_fire"}, "$.trigger_event"),
        ({"is_active": "yes"}, "$.is_active"),
        ({"description": "x" * 10_001}, "$.description"),
        ({"description": "a\0b"}, "$.description"),
    ],
)
async def test_a_wrong_value_of_a_rule_is_named(api, check_problem, change, path):
    rule_id = await api.rule()
    before = (await api.http.get("/rules")).json()
    for answer in (
        await api.http.post("/rules", json={**RULE, **change}),
        await api.http.patch(f"/rules/{rule_id}", json=change),
    ):
        document = check_problem(answer, 422, "invalid-value")
        assert document["errors"][0]["path"] == path
    assert (await api.http.get("/rules")).json() == before


@pytest.mark.parametrize(
    ("part", "change", "path"),
    [
        ("actions", {"id": "none"}, "$.actions[0].id"),
        ("actions", {"name": ""}, "$.actions[0].name"),
        ("actions", {"action_type": 3}, "$.actions[0].action_type"),
        ("actions", {"action_config": "x"}, "$.actions[0].action_config"),
        ("actions", {"limits": {"max_attempts": 0}}, "$.actions[0].limits.max_attempts"),
        ("actions", {"limits": {"start_to_close": -1}}, "$.actions[0].limits.start_to_close"),
        ("edges", {"edge_type": "sideways"}, "$.edges[0].edge_type"),
        ("edges", {"target_action_id": "none"}, "$.edges[0].target_action_id"),
        ("edges", {"sort_order": 2**31}, "$.edges[0].sort_order"),
        ("edges", {"sort_order": 1.5}, "$.edges[0].sort_order"),
        ("edges", {"id": "none"}, "$.edges[0].id"),
    ],
)
async def test_a_wrong_value_of_a_graph_is_named(api, check_problem, part, change, path):
    rule_id = await api.rule()
    graph = api.chain(api.node("A"))
    graph[part][0].update(change)
    answer = await api.http.put(f"/rules/{rule_id}/graph", json=graph)
    assert check_problem(answer, 422, "invalid-value")["errors"][0]["path"] == path
    assert (await api.http.get(f"/rules/{rule_id}")).json()["graph_version"] == 0


@pytest.mark.parametrize("size", [MIB + 1, 10 * MIB])
@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_that_is_too_large_is_413(api, check_problem, stored, size, chunked):
    before = await stored()

    async def chunks():
        for _ in range(0, size, 65_536):
            yield b" " * min(65_536, size)

    body = chunks() if chunked else b" " * size
    answer = await api.http.post("/events", content=body, headers=JSON)
    document = check_problem(answer, 413, "body-too-large")
    assert "1 MiB" in document["detail"]
    assert await stored() == before


async def test_an_event_of_almost_a_mebibyte_is_accepted(api):
    await api.rule(api.chain(api.node("A")))
    text = "x" * (MIB - 2_000)
    accepted = await api.event(data={"text": text})
    shown = await api.execution(accepted["executions"][0]["execution_id"])
    assert shown["trigger_data"]["text"] == text


async def test_a_graph_may_be_larger_than_an_event_but_not_huge(api, check_problem):
    rule_id = await api.rule()
    path = f"/rules/{rule_id}/graph"
    graph = json.dumps(api.chain(api.node("A")))
    padded = await api.http.put(path, content=graph + " " * 3 * MIB, headers=JSON)
    assert padded.status_code == 200
    huge = await api.http.put(path, content=graph + " " * 10 * MIB, headers=JSON)
    check_problem(huge, 413, "body-too-large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data"])
async def test_another_media_type_is_415(api, check_problem, content_type):
    rule_id = await api.rule(api.chain(api.node("A")))
    for method, path in endpoints(rule_id):
        answer = await api.http.request(
            method, path, content=b"{}", headers={"content-type": content_type}
        )
        check_problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/ld+json"])
async def test_json_by_other_names_is_read(api, content_type):
    answer = await api.http.post(
        "/events", content=json.dumps(EVENT), headers={"content-type": content_type}
    )
    assert answer.status_code == 202


@pytest.mark.parametrize(
    "text",
    [
        "Ελληνικά",
        "العربية",
        "日本語の注文",
        "हिन्दी",
        "emoji 👩‍👩‍👧",
        "a\u0301 ﬁ",
        "'; DROP TABLE--",
        "%s {}",
        " ",
    ],
)
async def test_text_of_every_script_is_kept(api, text):
    rule_id = await api.rule(api.chain(api.node(text)), name=text, trigger_entity=text)
    assert (await api.http.get(f"/rules/{rule_id}")).json()["name"] == text
    found = await api.http.get("/rules", params={"name": text, "trigger_entity": text})
    assert [rule["id"] for rule in found.json()["items"]] == [rule_id]
    accepted = await api.event(entity_name=text, entity_id=text, data={text: text})
    (execution,) = accepted["executions"]
    shown = await api.execution(execution["execution_id"])
    assert shown["trigger_data"][text] == text
    assert shown["actions"][0]["name"] == text
    listed = await api.http.get("/executions", params={"entity_id": text})
    assert len(listed.json()["items"]) == 1


@pytest.mark.parametrize(
    "number",
    ["9007199254740993", "-" + "9" * 40, "0.1000000000000000055511151231257827", "1.00", "5e-324"],
)
async def test_numbers_are_kept_exactly(api, number):
    await api.rule(api.chain(api.node("A")))
    body = json.dumps({**EVENT, "data": {"n": "N"}}).replace('"N"', number)
    accepted = await api.http.post("/events", content=body, headers=JSON)
    assert accepted.status_code == 202, accepted.text
    execution_id = accepted.json()["executions"][0]["execution_id"]
    text = (await api.http.get(f"/executions/{execution_id}")).text
    shown = text.partition('"n":')[2].partition(",")[0].partition("}")[0]
    assert Decimal(shown) == Decimal(number)


async def test_a_number_without_bounds_is_refused(api, check_problem):
    body = json.dumps({**EVENT, "data": {"n": "N"}}).replace('"N"', "1e999999")
    answer = await api.http.post("/events", content=body, headers=JSON)
    assert "1e999999" in check_problem(answer, 422, "invalid-value")["detail"]


@pytest.mark.parametrize("depth", [150, 300, 5_000])
async def test_deep_data_is_kept_or_refused(api, check_problem, depth):
    await api.rule(api.chain(api.node("A")))
    body = json.dumps({**EVENT, "data": {"n": "N"}}).replace('"N"', "[" * depth + "]" * depth)
    answer = await api.http.post("/events", content=body, headers=JSON)
    if depth < 200:
        assert answer.status_code == 202
        execution_id = answer.json()["executions"][0]["execution_id"]
        assert "[" * depth in (await api.http.get(f"/executions/{execution_id}")).text
    else:
        assert answer.status_code in (400, 422)
        assert "nested" in answer.json()["detail"]
