import asyncio

import pytest

pytestmark = pytest.mark.servers

UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def test_a_graph_is_saved_with_a_version_and_read_as_it_was_written(api):
    rule_id = await api.rule()
    path = f"/rules/{rule_id}/graph"
    graph = api.chain(
        api.node("Größe", "set_values", values={"sum": 12345678901234567890123, "t": "規則"}),
        api.node("B"),
    )
    saved = await api.http.put(path, json=graph)
    assert saved.headers["etag"] == '"1"'
    assert saved.json()["issues"] == []
    read = await api.http.get(path)
    assert read.headers["etag"] == '"1"'
    assert read.json() == saved.json()
    stored = read.json()["graph"]
    assert stored["actions"][0]["action_config"] == graph["actions"][0]["action_config"]
    assert all(edge["id"] for edge in stored["edges"])

    again = await api.http.put(path, json=graph)
    assert again.headers["etag"] == '"1"'
    other = await api.http.put(path, json=api.chain(api.node("B")))
    assert other.headers["etag"] == '"2"'
    assert (await api.http.get(f"/rules/{rule_id}")).json()["graph_version"] == 2


async def test_numbers_in_configs_stay_exact(api):
    rule_id = await api.rule()
    values = '{"values": {"n": 0.10000000000000000001, "m": 1e400}}'
    action = f'"id": "{UNKNOWN}", "name": "A", "action_type": "set_values"'
    node = f'{{{action}, "action_config": {values}}}'
    edge = f'{{"target_action_id": "{UNKNOWN}", "edge_type": "start"}}'
    body = f'{{"actions": [{node}], "edges": [{edge}]}}'
    path = f"/rules/{rule_id}/graph"
    headers = {"content-type": "application/json"}
    assert (await api.http.put(path, content=body, headers=headers)).status_code == 200
    text = (await api.http.get(path)).text
    assert '"n":0.10000000000000000001' in text


async def test_everything_that_is_wrong_is_said_at_once(api, check_problem):
    rule_id = await api.rule()
    graph = api.chain(
        api.node("A", "gate", gate=3, colour="red"),
        api.node("B", "no_such_type"),
        api.node("C", "set_values", values={"x": "{{D.total}}"}),
        api.node("D"),
    )
    graph["edges"].append(api.edge("D", "B"))
    graph["actions"].append(api.node("E"))
    answer = await api.http.put(f"/rules/{rule_id}/graph", json=graph)
    errors = check_problem(answer, 422, "invalid-graph")["errors"]
    codes = [error["code"] for error in errors]
    assert {"cycle", "unreachable_action", "unknown_action_type", "invalid_config"} <= set(codes)
    places = {error["path"] for error in errors if error["code"] == "invalid_config"}
    assert places == {"$", "$.gate"}
    assert all(error["message"] and error["severity"] == "error" for error in errors)
    (cycle,) = [error for error in errors if error["code"] == "cycle"]
    assert "B" in cycle["message"]
    assert "D" in cycle["message"]
    (unknown,) = [error for error in errors if error["code"] == "unknown_action_type"]
    assert unknown["action_id"] == api.action_id("B")
    assert (await api.http.get(f"/rules/{rule_id}/graph")).status_code == 404


async def test_an_issue_of_an_edge_names_the_edge(api, check_problem):
    graph = api.chain(api.node("A"))
    graph["edges"].append({**api.edge("A", "none"), "id": UNKNOWN})
    answer = await api.http.put(f"/rules/{await api.rule()}/graph", json=graph)
    (error,) = check_problem(answer, 422, "invalid-graph")["errors"]
    assert (error["code"], error["edge_id"]) == ("unknown_target", UNKNOWN)


async def test_warnings_come_with_the_answer(api):
    graph = api.chain(api.node("A"), api.node("B"))
    graph["edges"][1]["edge_type"] = "true_branch"
    saved = await api.http.put(f"/rules/{await api.rule()}/graph", json=graph)
    (warning,) = saved.json()["issues"]
    assert (warning["code"], warning["severity"]) == ("branch_never_taken", "warning")


async def test_a_template_may_stand_for_any_value(api):
    graph = api.chain(
        api.node("A"),
        api.node("B", "gate", fail_attempts="{{A.count}}", result="{{A}}", gate="{{trigger.x}}"),
    )
    saved = await api.http.put(f"/rules/{await api.rule()}/graph", json=graph)
    assert saved.status_code == 200, saved.text


async def test_of_concurrent_saves_with_one_etag_one_wins(api, check_problem):
    rule_id = await api.rule(api.chain(api.node("first")))
    path = f"/rules/{rule_id}/graph"
    headers = {"if-match": '"1"'}
    answers = await asyncio.gather(
        *(api.http.put(path, json=api.chain(api.node(f"n{n}")), headers=headers) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    late = await api.http.put(path, json=api.chain(api.node("x")), headers={"if-match": '"0"'})
    check_problem(late, 412, "precondition-failed")
    assert (await api.http.get(path)).json()["version"] == 2


async def test_a_graph_is_drawn(api):
    rule_id = await api.rule(api.chain(api.node("Check [x]"), api.node("B")))
    drawn = await api.http.get(f"/rules/{rule_id}/graph.mermaid")
    assert drawn.headers["content-type"].startswith("text/plain")
    assert drawn.text.startswith("flowchart TD\n")
    assert "Check #91;x#93;" in drawn.text


async def test_a_graph_is_tried_out(api, check_problem):
    graph = api.chain(
        api.node("A"), api.node("B", "set_values", values={"t": "{{A.total}}", "o": "{{order}}"})
    )
    path = f"/rules/{await api.rule(graph)}/simulate"
    body = {"results": {"A": {"total": 2**60}}, "trigger_data": {"order": "o-1"}}
    simulated = (await api.http.post(path, json=body)).json()
    assert simulated["status"] == "completed"
    assert simulated["executed"] == [api.action_id("A"), api.action_id("B")]
    values = simulated["configs"][api.action_id("B")]["values"]
    assert values == {"t": 2**60, "o": "o-1"}

    failed = (await api.http.post(path, json={"results": {"A": {"$error": "no"}}})).json()
    assert (failed["status"], failed["blocked"]) == ("failed", [api.action_id("B")])

    unknown = await api.http.post(path, json={"results": {"none": {}}})
    assert "none" in check_problem(unknown, 422, "invalid-value")["detail"]
    odd = await api.http.post(path, json={"results": {"A": 3}})
    assert check_problem(odd, 422, "invalid-value")["errors"][0]["path"] == "$.A"


async def test_a_graph_is_checked_without_being_stored(api):
    good = await api.http.post("/graphs/validate", json=api.chain(api.node("A")))
    assert good.json() == {"valid": True, "issues": []}
    bad = await api.http.post("/graphs/validate", json={"actions": [api.node("A")]})
    assert bad.status_code == 200
    assert bad.json()["valid"] is False
    assert {issue["code"] for issue in bad.json()["issues"]} >= {"no_start"}


async def test_a_thousand_actions_are_saved_and_read(api):
    graph = api.chain(*(api.node(f"action {n}") for n in range(1_000)))
    rule_id = await api.rule(graph)
    stored = (await api.http.get(f"/rules/{rule_id}/graph")).json()["graph"]
    assert len(stored["actions"]) == len(stored["edges"]) == 1_000


async def test_a_graph_too_large_to_travel_is_refused(api, check_problem):
    graph = api.chain(api.node("A", "set_values", values={"text": "x" * 1_300_000}))
    path = f"/rules/{await api.rule()}/graph"
    document = check_problem(await api.http.put(path, json=graph), 413, "graph-too-large")
    assert "1200000" in document["detail"]
    assert (await api.http.get(path)).status_code == 404


async def test_graphs_that_are_not_there_are_not_found(api, check_problem):
    rule_id = await api.rule()
    for path in (f"/rules/{rule_id}", f"/rules/{UNKNOWN}"):
        for end in ("graph", "graph.mermaid"):
            check_problem(await api.http.get(f"{path}/{end}"), 404, "not-found")
        check_problem(await api.http.post(f"{path}/simulate", json={}), 404, "not-found")
    saved = await api.http.put(f"/rules/{UNKNOWN}/graph", json=api.chain(api.node("A")))
    check_problem(saved, 404, "not-found")


async def test_action_types_are_listed_with_their_schemas(api, check_problem):
    types = (await api.http.get("/action-types")).json()
    assert [kind["type"] for kind in types] == sorted(kind["type"] for kind in types)
    (gate,) = [kind for kind in types if kind["type"] == "gate"]
    assert "fail_attempts" in str(gate["config_schema"])
    assert (await api.http.get("/action-types/gate")).json() == gate
    check_problem(await api.http.get("/action-types/none"), 404, "not-found")


async def test_what_is_certain_to_fail_is_said_before_it_runs(api):
    graph = api.chain(
        api.node("wait", "delay", **{"for": "2s"}),
        api.node("s", "set_values", values={"text": "{{s.text}}", "t": "{{name}}"}),
        api.node("call", "call_webhook", url="htp:/x", body="{{s.txt}}"),
        api.node("fine", "set_values", values={"a": '{{call.bodi|default: "none"}}'}),
    )
    answer = (await api.http.post("/graphs/validate", json=graph)).json()
    found = {(issue["code"], issue["severity"], issue["path"]) for issue in answer["issues"]}
    assert found == {
        ("invalid_config", "error", "$.for"),
        ("invalid_config", "error", "$.url"),
        ("reference_not_upstream", "error", "$.values.text"),
        ("unknown_result_field", "warning", "$.body"),
    }
    messages = " ".join(issue["message"] for issue in answer["issues"])
    assert "'wait': '2s' is neither seconds nor a duration such as PT90M" in messages
    assert "'call' reads 's.txt', which the result of 's' (set_values) does not have" in messages


async def test_a_graph_is_tried_out_with_trigger_data_alone(api):
    condition = {"field": "order.total", "operator": "greater_than", "value": 100}
    graph = api.chain(
        api.node("order", "set_values", values={"total": "{{total}}"}),
        api.node("is_large", "evaluate_condition", condition=condition),
        api.node("yes"),
    )
    graph["edges"][-1]["edge_type"] = "true_branch"
    path = f"/rules/{await api.rule(graph)}/simulate"
    ids = [api.action_id(name) for name in ("order", "is_large", "yes")]
    for total, executed in ((101, ids), (100, ids[:2])):
        answer = (await api.http.post(path, json={"trigger_data": {"total": total}})).json()
        assert (answer["executed"], answer["issues"]) == (executed, [])
    (issue,) = (await api.http.post(path, json={})).json()["issues"]
    assert issue["action_id"] == ids[1]
    assert "neither branch is taken" in issue["message"]


async def test_one_place_is_named_once(api):
    condition = {"field": "{{amount}}", "operator": "equal", "value": 1}
    node = api.node("decide", "evaluate_condition", condition=condition)
    answer = (await api.http.post("/graphs/validate", json=api.chain(node))).json()
    paths = sorted(issue["path"] for issue in answer["issues"])
    assert paths == ["$.condition.field", "$.condition.operator"]
    node["action_config"]["condition"]["operator"] = "equals"
    answer = (await api.http.post("/graphs/validate", json=api.chain(node))).json()
    (braces,) = answer["issues"]
    assert braces["path"] == "$.condition.field"
    assert "'{{amount}}' has braces" in braces["message"]
