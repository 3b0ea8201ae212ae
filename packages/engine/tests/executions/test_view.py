from datetime import UTC, datetime, timedelta

from ichor_core.contract import ActionState, Approvers, FailureInfo
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_edgestore.approvals import StoredApproval
from ichor_edgestore.executions import ActionExecution, Execution, ExecutionDetail
from ichor_engine.executions.observation import LiveState, PendingActivity
from ichor_engine.executions.view import in_graph_order, view

EARLY = datetime(2026, 1, 1, tzinfo=UTC)
LATE = EARLY + timedelta(seconds=1)
A, B, C = (f"00000000-0000-4000-8000-00000000000{n}" for n in "321")


def node(action_id):
    return ActionNode(action_id, action_id[-1], "t")


GRAPH = GraphDefinition(
    [node(C), node(A), node(B)],
    [ActionEdge(A, "start"), ActionEdge(B, "sequence", A), ActionEdge(C, "sequence", B)],
)


def approval(action_id):
    return StoredApproval(
        id="p",
        execution_id="e",
        action_id=action_id,
        action_name="n",
        rule_id="r",
        workflow_id="w",
        title="t",
        message="",
        form={},
        approvers=Approvers(),
        policy="any",
        needed=1,
        requester="",
        allow_requester=False,
        deadline=LATE,
        status="pending",
        created_at=EARLY,
        closed_at=None,
        decisions=[],
    )


def detail(*rows, status="running", started_at=EARLY):
    execution = Execution(
        id="e",
        event_id="v",
        rule_id="r",
        rule_name="rule",
        graph_version=1,
        interpreter_version=1,
        workflow_id="w",
        status=status,
        entity_name="order",
        entity_id="1",
        event_type="on_create",
        error=None,
        failures=[],
        trace_id=None,
        created_at=EARLY,
        started_at=started_at,
        finished_at=None,
        runs=1,
    )
    return ExecutionDetail(execution, {"x": 1}, None, list(rows))


def row(action_id, status, **fields):
    defaults = {"started_at": None, "finished_at": None, "attempts": 0}
    values = {**defaults, "error": None, "result": None, **fields}
    return ActionExecution(action_id=action_id, name="n", type="t", status=status, **values)


def test_every_action_is_shown_in_graph_order_though_nothing_is_known_of_it():
    shown = view(detail(), GRAPH)
    assert [action.id for action in shown.actions] == [A, B, C]
    assert {action.status for action in shown.actions} == {"unknown"}
    assert shown.live is False


def test_what_was_not_started_waits():
    for status in ("pending", "cancelled", "failed"):
        shown = view(detail(status=status, started_at=None), GRAPH)
        assert {action.status for action in shown.actions} == {"waiting"}


def test_what_ended_without_a_word_leaves_its_actions_open():
    shown = view(detail(row(A, "completed"), status="failed"), GRAPH)
    assert [action.status for action in shown.actions] == ["completed", "unknown", "unknown"]


def test_where_the_workflow_is_silent_reports_and_open_approvals_speak():
    asked = [approval(B)]
    shown = view(detail(row(A, "completed", attempts=2)), GRAPH, reason="nobody", asked=asked)
    a, b, c = shown.actions
    assert (a.status, a.attempts) == ("completed", 2)
    assert (b.status, b.started_at, b.attempts) == ("running", EARLY, 1)
    assert (c.status, c.started_at, c.attempts) == ("unknown", None, 0)


def test_a_reported_end_counts_more_than_an_approval_that_is_still_open():
    shown = view(detail(row(A, "failed")), GRAPH, reason="nobody", asked=[approval(A)])
    assert shown.actions[0].status == "failed"


def test_actions_of_a_cycle_are_not_forgotten():
    cyclic = GraphDefinition(GRAPH.actions, [*GRAPH.edges, ActionEdge(B, "sequence", C)])
    assert {action.id for action in in_graph_order(cyclic)} == {A, B, C}
    assert in_graph_order(cyclic)[0].id == A


def test_what_the_workflow_says_is_added_to_what_was_reported():
    live = LiveState(
        {
            A: ActionState(action_id=A, status="completed"),
            B: ActionState(action_id=B, status="running", started_at=LATE, attempts=0),
            C: ActionState(action_id=C, status="waiting"),
        },
        {B: PendingActivity(3, "refused"), C: PendingActivity(7, "stale")},
        runs=2,
    )
    reported = row(A, "completed", started_at=EARLY, finished_at=LATE, attempts=2, result={"n": 1})
    shown = view(detail(reported), GRAPH, live)
    a, b, c = shown.actions
    assert (a.status, a.started_at, a.finished_at) == ("completed", EARLY, LATE)
    assert (a.attempts, a.result) == (2, {"n": 1})
    assert (b.status, b.started_at, b.attempts, b.last_failure) == ("running", LATE, 3, "refused")
    assert (c.status, c.attempts, c.last_failure) == ("waiting", 0, "")
    assert (shown.live, shown.runs) == (True, 2)


def test_a_reported_end_is_not_undone_by_a_workflow_that_knows_less():
    live = LiveState({A: ActionState(action_id=A, status="running", started_at=LATE)})
    error = FailureInfo("no")
    shown = view(detail(row(A, "failed", finished_at=LATE, error=error)), GRAPH, live)
    assert (shown.actions[0].status, shown.actions[0].error) == ("failed", error)


def test_what_has_ended_or_waits_needs_no_workflow():
    for status in ("pending", "completed", "failed", "cancelled"):
        assert view(detail(status=status), GRAPH).live is True
    asked_in_vain = view(detail(), GRAPH, None, "nobody answers")
    assert (asked_in_vain.live, asked_in_vain.live_reason) == (False, "nobody answers")
