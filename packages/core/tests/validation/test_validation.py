"""Every issue code, all issues at once, and the same answer however the graph was stored."""

from random import Random
from typing import get_args
from uuid import UUID

import pytest

from ichor_core.action_type import ActionType
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.validation import references
from ichor_core.validation.checks import validate
from ichor_core.validation.issues import MAX_ISSUES, IssueCode

TYPES = {
    "task": ActionType(type="task", title="Task", kind="local"),
    "check": ActionType(
        type="check",
        title="Check",
        kind="local",
        outcomes=("true_branch", "false_branch"),
        reference_keys=("field",),
    ),
    "set": ActionType(type="set", title="Set", kind="local", result_key="values"),
    "call": ActionType(
        type="call",
        title="Call",
        kind="sync",
        result_schema={
            "type": "object",
            "properties": {
                "status": {"type": "integer"},
                "body": {},
                "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
                "first": {"anyOf": [{"$ref": "#/$defs/Line"}, {"type": "null"}]},
                "odd": True,
            },
            "$defs": {"Line": {"type": "object", "properties": {"sku": {"type": "string"}}}},
        },
    ),
}


def uid(number):
    return str(UUID(int=number))


def node(number, name=None, kind="task", **config):
    return ActionNode(uid(number), name or f"n{number}", kind, config)


def edge(source, target, kind="sequence", order=0, id=""):
    return ActionEdge(uid(target), kind, None if source is None else uid(source), order, id)


START = edge(None, 1, "start")


def check_config(spec, config):
    if "bad" in config:
        yield "$.bad", "must not be"


CASES = {
    "unknown_result_field": (
        [node(1, kind="set", values={"text": "t"}), node(2, a="{{n1.txt}}")],
        [START, edge(1, 2)],
    ),
    "no_start": ([node(1)], []),
    "unknown_source": ([node(1)], [START, edge(9, 1)]),
    "unknown_target": ([node(1)], [START, edge(1, 9)]),
    "start_with_source": ([node(1), node(2)], [START, edge(1, 2, "start"), edge(1, 2)]),
    "missing_source": ([node(1)], [START, edge(None, 1, "sequence")]),
    "duplicate_edge": ([node(1), node(2)], [START, edge(1, 2), edge(1, 2, order=1)]),
    "duplicate_edge_id": (
        [node(1), node(2)],
        [START, edge(1, 2, id=uid(50)), edge(1, 2, "always", id=uid(50))],
    ),
    "self_edge": ([node(1)], [START, edge(1, 1)]),
    "cycle": ([node(1), node(2)], [START, edge(1, 2), edge(2, 1)]),
    "unreachable_action": ([node(1), node(2)], [START]),
    "duplicate_action_id": ([node(1), node(1, "other")], [START]),
    "duplicate_action_name": ([node(1), node(2, "n1")], [START, edge(1, 2)]),
    "unknown_action_type": ([node(1, kind="tsk")], [START]),
    "invalid_config": ([node(1, bad=1)], [START]),
    "invalid_template": ([node(1, a="{{x | nope}}")], [START]),
    "unknown_reference": ([node(1, a="{{nothing.x}}")], [START]),
    "reference_not_upstream": ([node(1, a="{{n2.x}}"), node(2)], [START, edge(1, 2)]),
    "reference_may_be_skipped": (
        [node(1, kind="check"), node(2), node(3, a="{{n2.x}}")],
        [START, edge(1, 2, "true_branch"), edge(1, 3, "always"), edge(2, 3)],
    ),
    "branch_never_taken": ([node(1), node(2)], [START, edge(1, 2, "true_branch")]),
    "name_hides_trigger_field": ([node(1, "amount")], [START]),
}


def find(actions, edges, **options):
    return validate(
        GraphDefinition(actions, edges),
        TYPES,
        check_config=check_config,
        trigger_fields=["amount"],
        **options,
    )


@pytest.mark.parametrize("code", CASES)
def test_each_fault_gets_its_code_and_no_other(code):
    issues = find(*CASES[code])
    assert {issue.code for issue in issues} == {code}
    warnings = {
        "reference_may_be_skipped",
        "branch_never_taken",
        "name_hides_trigger_field",
        "unknown_result_field",
    }
    assert {issue.severity for issue in issues} == {"warning" if code in warnings else "error"}
    assert all(issue.message for issue in issues)


def test_every_code_has_its_case():
    assert set(CASES) | {"more_issues"} == set(get_args(IssueCode))


def test_messages_name_the_place():
    messages = {code: find(*case)[0] for code, case in CASES.items()}
    assert "n1 → n2 → n1" in messages["cycle"].message
    assert messages["invalid_config"].path == "$.bad"
    assert messages["invalid_template"].path == "$.a"
    assert "did you mean task?" in messages["unknown_action_type"].message
    assert "start → n1 → n3" in messages["reference_may_be_skipped"].message
    assert messages["reference_not_upstream"].action_id == uid(1)


def test_everything_is_found_at_once():
    actions = [action for case in CASES.values() for action in case[0]]
    edges = [one for case in CASES.values() for one in case[1]]
    codes = {issue.code for issue in find(actions, edges)}
    assert {"duplicate_action_id", "duplicate_edge", "self_edge", "cycle"} <= codes
    assert {"unknown_source", "unknown_target", "start_with_source"} <= codes


@pytest.mark.parametrize("code", CASES)
def test_storage_order_changes_nothing(code):
    actions, edges = CASES[code]
    expected = find(actions, edges)
    for seed in range(5):
        random = Random(seed)
        shuffled = random.sample(actions, len(actions)), random.sample(edges, len(edges))
        assert find(*shuffled) == expected


def test_a_skipped_reference_with_a_default_is_fine():
    actions, edges = CASES["reference_may_be_skipped"]
    actions = [*actions[:2], node(3, a="{{n2.x | default: 0}}")]
    assert find(actions, edges) == []


def test_no_warning_where_no_run_can_skip():
    both = [
        node(1, kind="check"),
        node(2),
        node(3),
        node(4, a="{{n2.x}} {{n1.result}}"),
    ]
    # 2 and 3 both need the true branch: whenever 4 runs through 3, 2 has run as well.
    edges = [
        START,
        edge(1, 2, "true_branch"),
        edge(1, 3, "true_branch", 1),
        edge(2, 4),
        edge(3, 4),
    ]
    assert find(both, edges) == []


def test_reference_keys_are_references():
    actions = [node(1, kind="check", condition={"all": [{"field": "n2.x"}]}), node(2)]
    issues = find(actions, [START, edge(1, 2)])
    assert [issue.code for issue in issues] == ["reference_not_upstream"]
    assert issues[0].path == "$.condition.all[0].field"


def test_without_types_and_trigger_fields_only_the_graph_is_checked():
    graph = GraphDefinition([node(1, kind="whatever", a="{{customer.name}}")], [START])
    assert validate(graph) == []
    near = GraphDefinition([node(1, "order"), node(2, a="{{oder.id}}")], [START, edge(1, 2)])
    assert [(i.code, i.severity) for i in validate(near)] == [("unknown_reference", "warning")]


def test_two_cycles_are_both_named():
    actions = [node(n) for n in range(1, 6)]
    edges = [START, edge(1, 2), edge(2, 1), edge(2, 3), edge(3, 4), edge(4, 3), edge(4, 5)]
    cycles = [issue.message for issue in find(actions, edges) if issue.code == "cycle"]
    assert len(cycles) == 2
    assert not any("n5" in message for message in cycles)


VALUES = {
    "text": "t",
    "whole": "{{amount}}",
    "deep": {"list": [{"a": 1}, "x{{amount}}"], "n": None},
}


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("text", None),
        ("whole.any.thing", None),
        ("deep.list.0.a", None),
        ("deep.list[-2].a", None),
        ("deep.list[1].x", None),
        ("txt", "no 'txt'; did you mean text?"),
        ("other", "no 'other'; known: text, whole, deep"),
        ("deep.list.2", "no '2'; it is a list of 2"),
        ("deep.list.a", "no 'a'; it is a list"),
        ("deep.list.0.b", "no 'b'; known: a"),
        ("text.length", "no 'length'; it is not an object"),
        ("deep.n.x", "no 'x'; it is not an object"),
    ],
)
def test_a_field_that_literal_values_do_not_have(reference, reason):
    nodes = [node(1, kind="set", values=VALUES), node(2, a=f"{{{{n1.{reference}}}}}")]
    check_reason(find(nodes, [START, edge(1, 2)]), reason)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("status", None),
        ("body.any.0", None),
        ("headers.etag", None),
        ("lines.0.sku", None),
        ("first.sku", None),
        ("odd.any", None),
        ("bodi", "no 'bodi'; did you mean body?"),
        ("status.code", "no 'code'; it is a number"),
        ("headers.etag.x", "no 'x'; it is text"),
        ("lines.sku", "no 'sku'; it is a list"),
        ("lines.0.name", "no 'name'; known: sku"),
        ("first.name", "no 'name'; known: sku"),
    ],
)
def test_a_field_that_results_of_a_type_do_not_have(reference, reason):
    nodes = [node(1, kind="call"), node(2, a=f"{{{{n1.{reference}}}}}")]
    check_reason(find(nodes, [START, edge(1, 2)]), reason)


def check_reason(issues, reason):
    if reason is None:
        assert issues == []
    else:
        (issue,) = issues
        assert (issue.code, issue.severity, issue.path) == (
            "unknown_result_field",
            "warning",
            "$.a",
        )
        assert issue.message.endswith(f": {reason}")


def test_nothing_is_said_of_a_field_with_a_default_or_of_a_result_that_is_not_described():
    nodes = [
        node(1, kind="set", values={"text": "t"}),
        node(2, kind="set", values="{{n1}}"),
        node(3, a='{{n1.txt|default: "x"}}', b="{{n2.any}}"),
        node(4, kind="task"),
        node(5, a="{{n4.any}}"),
    ]
    assert find(nodes, [START, *(edge(n, n + 1) for n in range(1, 5))]) == []


def test_a_condition_takes_a_field_that_is_never_there_for_null():
    condition = {"field": "n1.txt", "operator": "is_null"}
    nodes = [
        node(1, kind="set", values={"text": "t"}),
        node(2, kind="check", condition=condition),
    ]
    (issue,) = find(nodes, [START, edge(1, 2)])
    assert (issue.code, issue.path) == ("unknown_result_field", "$.condition.field")
    assert "counts as null" in issue.message


def test_a_schema_that_goes_round_says_nothing():
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"$ref": "#/$defs/A"}},
    }
    types = {**TYPES, "odd": ActionType(type="odd", title="Odd", kind="sync", result_schema=schema)}
    nodes = [node(1, kind="odd"), node(2, a="{{n1.a.b}}")]
    assert validate(GraphDefinition(nodes, [START, edge(1, 2)]), types) == []


def test_a_field_with_braces_is_shown_as_it_was_written():
    condition = {"field": "{{amount}}", "operator": "is_null"}
    (issue,) = find([node(1, kind="check", condition=condition)], [START])
    assert issue.code == "invalid_template"
    assert "'{{amount}}' has braces; a field is named without them: amount" in issue.message


def test_what_is_beside_a_cycle_is_found_too():
    actions = [
        node(1, kind="check"),
        node(2),
        node(3, a="{{n2.x}}"),
        node(4, a="{{n5.x}}"),
        node(5),
        node(6, a="{{n7.x}} {{n4.x}}"),
        node(7),
    ]
    edges = [START, edge(1, 2, "true_branch"), edge(1, 3, "always"), edge(2, 3)]
    edges += [edge(3, 4), edge(4, 5), edge(5, 4), edge(5, 6), edge(6, 7)]
    codes = [(issue.code, issue.action_id) for issue in find(actions, edges)]
    # Of two actions on one cycle nobody knows which comes first.
    assert codes == [
        ("cycle", uid(4)),
        ("reference_not_upstream", uid(6)),
        ("reference_may_be_skipped", uid(3)),
    ]


def test_every_template_that_does_not_parse_is_named():
    nodes = [node(1, kind="check", a=["{{", "{{x | nope}}"], b="{{}}", field="{{x}}")]
    issues = find(nodes, [START])
    assert [issue.path for issue in issues] == ["$.a[0]", "$.a[1]", "$.b", "$.field"]


def test_a_default_behind_a_filter_does_not_silence_the_warning():
    actions, edges = CASES["reference_may_be_skipped"]
    (issue,) = find([*actions[:2], node(3, a='{{n2.x | upper | default: "n/a"}}')], edges)
    assert issue.code == "reference_may_be_skipped"
    assert "put its default filter first" in issue.message


def test_a_long_path_is_cut():
    chain = [node(n) for n in range(3, 40)]
    actions = [node(1, kind="check"), node(2), *chain, node(40, a="{{n2.x}}")]
    edges = [START, edge(1, 2, "true_branch"), edge(1, 3, "always"), edge(2, 40)]
    edges += [edge(n, n + 1) for n in range(3, 40)]
    (issue,) = find(actions, edges)
    assert "start → n1 → n3 → n4 → n5 → n6 → … → n35" in issue.message


@pytest.mark.parametrize("near", ["oder", "ordr", "order1", "Order", "odrer", "or_der"])
def test_a_near_miss_of_an_action_is_noticed(near):
    graph = GraphDefinition(
        [node(1, "order"), node(2, a=f"{{{{{near}.id}}}}")], [START, edge(1, 2)]
    )
    assert [issue.code for issue in validate(graph)] == ["unknown_reference"]


@pytest.mark.parametrize("far", ["odd", "customer", "orders_of_today", "o"])
def test_another_word_is_a_trigger_field(far):
    nodes = [node(1, "order"), node(2, a=f"{{{{{far}.id}}}}")]
    graph = GraphDefinition(nodes, [START, edge(1, 2)])
    assert validate(graph) == []


def test_of_many_issues_some_are_listed_and_the_rest_is_counted():
    wrong = [node(n, kind="check", near="{{amunt}}", bad=1) for n in range(1, 1500)]
    edges = [START, *(edge(n, n + 1) for n in range(1, 1499))]
    issues = find(wrong, edges)
    assert len(issues) == MAX_ISSUES + 1
    assert issues[-1].code == "more_issues"
    assert issues[-1].severity == "error"
    assert "1998 more issues" in issues[-1].message


def test_warnings_beyond_the_bound_do_not_hide_an_error():
    warned = [node(n, a="{{n1.x}} {{oder}}") for n in range(4, 1600)]
    nodes = [node(1), node(2, "order"), node(3, kind="check"), *warned, node(1600, bad=1)]
    edges = [START, edge(1, 2), edge(2, 3), *(edge(n, n + 1) for n in range(3, 1600))]
    issues = validate(GraphDefinition(nodes, edges), TYPES, check_config=check_config)
    assert issues[0].code == "invalid_config"
    assert (issues[-1].code, issues[-1].severity) == ("more_issues", "warning")


def test_too_many_references_are_refused(monkeypatch):
    monkeypatch.setattr(references, "MAX_REFERENCES", 5)
    issues = find([node(1, a=["{{amount}}"] * 6)], [START])
    assert [issue.code for issue in issues] == ["invalid_template", "more_issues"]
    assert "more than 5 references" in issues[0].message


def test_a_graph_of_ten_thousand_actions_is_searched_to_the_end():
    size = 10_000
    nodes = [node(1, kind="check"), node(2)]
    nodes += [node(n, a=f"{{{{n2.x}}}} {{{{n{n - 1}.y}}}}") for n in range(3, size)]
    edges = [START, edge(1, 2, "true_branch"), edge(1, 3, "always"), edge(2, 3)]
    edges += [edge(n, n + 1) for n in range(3, size - 1)]
    issues = validate(GraphDefinition(nodes, edges), TYPES)
    assert len(issues) == MAX_ISSUES + 1
    assert f"{size - 2 - MAX_ISSUES} more issues" in issues[-1].message
