import asyncio

import pytest

pytestmark = pytest.mark.servers

UNKNOWN = "00000000-0000-4000-8000-000000000000"
CONDITION = {"field": "total", "operator": "greater_than", "value": 100}


async def test_a_rule_is_created_read_changed_and_deleted(api):
    created = await api.http.post(
        "/rules",
        json={
            "name": "Große 注文 ✓",
            "trigger_entity": "order",
            "trigger_event": "on_update",
            "trigger_conditions": CONDITION,
        },
    )
    rule = created.json()
    path = f"/rules/{rule['id']}"
    assert created.headers["location"].endswith(path)
    assert created.headers["etag"] == '"1"'
    assert rule["is_active"] is False
    assert rule["graph_version"] == 0

    changed = await api.http.patch(path, json={"name": "Other", "trigger_conditions": None})
    assert changed.headers["etag"] == '"2"'
    read = await api.http.get(path)
    assert read.headers["etag"] == '"2"'
    assert read.json() == changed.json()
    assert read.json()["name"] == "Other"
    assert read.json()["trigger_conditions"] is None
    assert read.json()["trigger_event"] == "on_update"

    assert (await api.http.delete(path)).status_code == 204
    assert (await api.http.get(path)).status_code == 404


async def test_a_change_is_refused_if_somebody_else_was_faster(api, check_problem):
    path = f"/rules/{await api.rule()}"
    assert (await api.http.patch(path, json={"name": "first"})).status_code == 200
    for if_match in ('"1"', 'W/"2"', "2", '"9", "8"'):
        late = await api.http.patch(path, json={"name": "late"}, headers={"if-match": if_match})
        check_problem(late, 412, "precondition-failed")
    late = await api.http.delete(path, headers={"if-match": '"1"'})
    check_problem(late, 412, "precondition-failed")
    assert (await api.http.get(path)).json()["name"] == "first"
    for number, if_match in enumerate(('"2"', '"1", "3"', "*")):
        name = f"change {number}"
        answer = await api.http.patch(path, json={"name": name}, headers={"if-match": if_match})
        assert answer.json()["name"] == name
    assert (await api.http.delete(path, headers={"if-match": '"5"'})).status_code == 204


async def test_of_concurrent_changes_with_one_etag_one_wins(api):
    path = f"/rules/{await api.rule()}"
    headers = {"if-match": '"1"'}
    answers = await asyncio.gather(
        *(api.http.patch(path, json={"name": f"n{n}"}, headers=headers) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_concurrent_changes_of_different_fields_are_all_kept(api):
    path = f"/rules/{await api.rule()}"
    changes = ({"name": "n"}, {"description": "d"}, {"trigger_entity": "e"})
    answers = await asyncio.gather(*(api.http.patch(path, json=change) for change in changes))
    assert [answer.status_code for answer in answers] == [200] * 3
    rule = (await api.http.get(path)).json()
    assert (rule["name"], rule["description"], rule["trigger_entity"]) == ("n", "d", "e")


async def test_a_rule_without_a_graph_cannot_be_active_and_the_cure_is_named(api, check_problem):
    path = f"/rules/{await api.rule()}"
    body = {"name": "n", "trigger_entity": "e", "trigger_event": "on_create", "is_active": True}
    for answer in (
        await api.http.post(f"{path}/activate"),
        await api.http.patch(path, json={"is_active": True}),
        await api.http.post("/rules", json=body),
    ):
        document = check_problem(answer, 409, "rule-without-graph")
        assert "PUT /api/v1/workflow/rules/{rule_id}/graph" in document["detail"]
    assert len((await api.http.get("/rules")).json()["items"]) == 1


async def test_a_rule_is_switched_on_and_off(api):
    rule_id = await api.rule(api.chain(api.node("A")), activate=False)
    assert (await api.http.post(f"/rules/{rule_id}/activate")).json()["is_active"] is True
    assert (await api.http.post(f"/rules/{rule_id}/deactivate")).json()["is_active"] is False
    changed = await api.http.patch(f"/rules/{rule_id}", json={"is_active": True})
    assert changed.json()["is_active"] is True
    assert changed.json()["graph_version"] == 1


async def test_rules_are_listed_in_pages_and_filtered(api):
    created = [await api.rule(name=f"Rule {n}", trigger_entity="invoice") for n in range(5)]
    other = await api.rule(name="Übrige_%", trigger_event="on_delete")

    async def listed(**parameters):
        page = (await api.http.get("/rules", params=parameters)).json()
        return [item["id"] for item in page["items"]], page["next_cursor"]

    assert (await listed())[0] == [other, *reversed(created)]
    first, cursor = await listed(limit=4)
    second, end = await listed(limit=4, cursor=cursor)
    assert first + second == [other, *reversed(created)]
    assert end is None
    assert (await listed(trigger_entity="invoice", limit=200))[0] == created[::-1]
    assert (await listed(trigger_event="on_delete"))[0] == [other]
    assert (await listed(name="rule 3"))[0] == [created[3]]
    assert (await listed(name="_%"))[0] == [other]
    assert (await listed(is_active="true"))[0] == []


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        (
            {"all": [CONDITION, {"field": "x", "operator": "resembles"}]},
            "$.trigger_conditions.all[1].operator",
        ),
        ({"any": CONDITION}, "$.trigger_conditions.any"),
        ({"field": "x", "operator": "in", "value": 3}, "$.trigger_conditions.value"),
        ("always", "$.trigger_conditions"),
    ],
)
async def test_a_condition_is_checked_when_it_is_saved(api, check_problem, condition, path):
    rule_id = await api.rule()
    patched = await api.http.patch(f"/rules/{rule_id}", json={"trigger_conditions": condition})
    body = {"name": "n", "trigger_entity": "e", "trigger_event": "on_create"}
    posted = await api.http.post("/rules", json={**body, "trigger_conditions": condition})
    for answer in (patched, posted):
        document = check_problem(answer, 422, "invalid-value")
        assert document["errors"][0]["path"] == path
    assert (await api.http.get(f"/rules/{rule_id}")).json()["trigger_conditions"] is None


@pytest.mark.parametrize("method", ["get", "delete"])
async def test_a_rule_that_is_not_there_is_not_found(api, check_problem, method):
    for path in (f"/rules/{UNKNOWN}", "/rules/none", "/rules/%00"):
        check_problem(await api.http.request(method, path), 404, "not-found")
    for end in ("activate", "deactivate"):
        check_problem(await api.http.post(f"/rules/{UNKNOWN}/{end}"), 404, "not-found")


async def test_a_field_of_a_trigger_condition_has_no_braces(api, check_problem):
    rule_id = await api.rule()
    rule = {"name": "n", "trigger_entity": "order", "trigger_event": "on_create"}
    condition = {"any": [{"field": "{{priority}}", "operator": "equals", "value": 1}]}
    for answer in (
        await api.http.post("/rules", json={**rule, "trigger_conditions": condition}),
        await api.http.patch(f"/rules/{rule_id}", json={"trigger_conditions": condition}),
    ):
        (error,) = check_problem(answer, 422, "invalid-value")["errors"]
        assert error["path"] == "$.trigger_conditions.any[0].field"
        assert error["message"] == (
            "'{{priority}}' has braces; a field is named without them: priority"
        )
