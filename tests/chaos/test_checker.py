"""The checker notices each kind of violation in evidence that is otherwise as it should be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from ichor_core.ids import EventId, RuleId, derive_execution_id
from tests.chaos.checker import check
from tests.chaos.evidence import (
    ActionRow,
    Alert,
    Approval,
    Change,
    Database,
    Decided,
    Effect,
    Evidence,
    ExecutionRow,
    Inventory,
    Mail,
    Request,
    Row,
    SentEvent,
    Shown,
    WorkflowRun,
)
from tests.chaos.expectation import effect_key, expect
from tests.chaos.load import make_events
from tests.chaos.service import Exit
from tests.chaos.shapes import Shape, label_of, make_shapes
from tests.chaos.violations import Violation

SHAPES = make_shapes("http://127.0.0.1:1")


def good() -> Evidence:
    """Return what a run without a fault leaves."""
    rules = {name: str(uuid4()) for name in SHAPES}
    sent: list[SentEvent] = []
    executions: list[tuple[str, Shape, int]] = []
    rows: list[ExecutionRow] = []
    for event in make_events(1, 36, SHAPES.values()):
        ids: list[str] = []
        for shape in (one for one in SHAPES.values() if one.entity == event.entity):
            one = derive_execution_id(RuleId(rules[shape.name]), EventId(event.event_id))
            ids.append(one)
            executions.append((one, shape, event.number))
            rule_id = rules[shape.name]
            rows.append(ExecutionRow(one, event.event_id, rule_id, f"workflow-{one}", "completed"))
        sent.append(replace(event, executions=tuple(ids)))
    expected = expect(executions)
    written = [Row(n, label, "x") for n, label in enumerate(expected.rows)]
    by_label = {row.label: row for row in written}
    actions: list[ActionRow] = []
    effects: list[Effect] = []
    answers: list[tuple[str, dict[str, Any]]] = []
    for execution_id, shape, number in executions:
        for action in shape.graph.actions:
            status, result, key = "completed", {"done": True}, effect_key(execution_id, action)
            if action.name in shape.skipped(number):
                status, result = "skipped", None
            elif action.action_type == "create_record":
                row = by_label[label_of(shape.name, number, action.name)]
                record = {"id": row.id, "label": row.label, "detail": row.detail}
                result = {"created": True, "record": record}
            elif action.name == "reserve":
                result = {"status": "allocated", "reservation_id": key}
                answers.append((key, dict(result)))
            if key in expected.ledger:
                effects.append(Effect(key, execution_id, action.id, result))
            actions.append(ActionRow(execution_id, action.id, action.name, status, None, result))
    approvals = [
        Approval(f"approval of {one}", one, vote, (("mia", vote),))
        for one, vote in expected.approvals.items()
    ]
    numbers = {one: number for one, _, number in executions}
    return Evidence(
        sent=tuple(sent),
        rules=rules,
        database=Database(
            events=tuple(event.event_id for event in sent),
            executions=tuple(rows),
            actions=tuple(actions),
            effects=tuple(effects),
            rows=tuple(written),
            changes=tuple(
                Change(f"counter-{int(label.split('/')[1]) % 16}", label)
                for label in expected.changes
            ),
            counters=dict(expected.counters),
            alerts=tuple(Alert("", title) for title in expected.alerts),
            approvals=tuple(approvals),
        ),
        inventory=Inventory(tuple(answers), len(answers)),
        mails=tuple(Mail(f"<{label}>", label) for label in expected.mails),
        requests=tuple(Request(path, f"key of {path}") for path in expected.paths),
        shown={
            one: Shown(
                "completed",
                {row.name: row.status for row in actions if row.execution_id == one},
            )
            for one, _, _ in executions
        },
        workflows=tuple(WorkflowRun(f"workflow-{one}", "completed") for one, _, _ in executions),
        decided=tuple(
            Decided(one.id, numbers[one.execution_id], "mia", one.status, 200) for one in approvals
        ),
    )


def found(evidence: Evidence) -> list[Violation]:
    return check(evidence, SHAPES)


def test_nothing_is_found_where_nothing_is_wrong():
    evidence = good()

    assert found(evidence) == []
    assert {action.status for action in evidence.database.actions} == {"completed", "skipped"}
    assert {one.status for one in evidence.database.approvals} == {"approved", "rejected"}


def test_what_comes_again_under_its_id_is_no_violation():
    evidence = good()
    again = replace(
        evidence,
        mails=evidence.mails + evidence.mails[:3],
        requests=evidence.requests + evidence.requests[:3],
        decided=(*evidence.decided, replace(evidence.decided[0], status=409, tries=2)),
    )

    assert found(again) == []


@dataclass
class Planted:
    """A violation, and what the checker has to call it."""

    verdict: str
    what: str
    plant: Callable[[Evidence], Evidence]


def in_database(**changes: Callable[[Any], Any]) -> Callable[[Evidence], Evidence]:
    def plant(evidence: Evidence) -> Evidence:
        database = evidence.database
        changed = {name: change(getattr(database, name)) for name, change in changes.items()}
        return replace(evidence, database=replace(database, **changed))

    return plant


def of(**changes: Callable[[Any], Any]) -> Callable[[Evidence], Evidence]:
    def plant(evidence: Evidence) -> Evidence:
        return replace(
            evidence, **{name: change(getattr(evidence, name)) for name, change in changes.items()}
        )

    return plant


def first_is(**fields: Any) -> Callable[[Any], Any]:
    return lambda values: (replace(values[0], **fields), *values[1:])


def without_first(values: Any) -> Any:
    return values[1:]


def first_twice(values: Any) -> Any:
    return (*values, values[0])


def shown_is(status: str, waits_for: str = "") -> Callable[[Any], Any]:
    def change(shown: dict[str, Shown]) -> dict[str, Shown]:
        one = next(iter(shown))
        return {**shown, one: replace(shown[one], status=status, waits_for=waits_for)}

    return change


def other_action_status(shown: dict[str, Shown]) -> dict[str, Shown]:
    one = next(iter(shown))
    return {**shown, one: replace(shown[one], actions={**shown[one].actions, "last": "waiting"})}


def second_row_id(rows: Any) -> Any:
    return (*rows, replace(rows[0], id=-1))


PLANTED = {
    "an event is gone": Planted("lost", "event ", in_database(events=without_first)),
    "an execution is gone": Planted(
        "lost", "execution of event ", in_database(executions=without_first)
    ),
    "an execution is there twice": Planted(
        "doubled",
        "execution of event ",
        in_database(executions=lambda rows: (*rows, replace(rows[0], id="x", workflow_id="x"))),
    ),
    "an execution of an event that nobody sent": Planted(
        "doubled", "execution ", in_database(executions=first_is(event_id="x"))
    ),
    "the answer named another execution": Planted(
        "differs", "execution x", of(sent=first_is(executions=("x",)))
    ),
    "an execution failed": Planted(
        "failed", "execution ", in_database(executions=first_is(status="failed"))
    ),
    "an execution was cancelled": Planted(
        "failed", "execution ", in_database(executions=first_is(status="cancelled"))
    ),
    "failures on a detached branch": Planted(
        "failed", "execution ", in_database(executions=first_is(status="completed_with_failures"))
    ),
    "an execution does not end": Planted(
        "stuck", "execution ", in_database(executions=first_is(status="running"))
    ),
    "an execution does not begin": Planted(
        "stuck", "execution ", in_database(executions=first_is(status="pending"))
    ),
    "the API says something else": Planted("differs", "execution ", of(shown=shown_is("running"))),
    "Temporal says something else": Planted(
        "differs", "execution ", of(workflows=first_is(status="failed"))
    ),
    "a workflow is gone": Planted("lost", "workflow ", of(workflows=without_first)),
    "a workflow ran twice": Planted("doubled", "workflow ", of(workflows=first_is(runs=2))),
    "a workflow of nobody": Planted(
        "doubled",
        "workflow x",
        of(workflows=lambda runs: (*runs, WorkflowRun("x", "completed"))),
    ),
    "a workflow that did not replay": Planted(
        "failed",
        "workflow ",
        of(
            workflows=first_is(
                task_failures=("WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR",)
            )
        ),
    ),
    "a row is there twice": Planted("doubled", "row ", in_database(rows=second_row_id)),
    "a row is gone": Planted("lost", "row ", in_database(rows=without_first)),
    "a row of nobody": Planted(
        "doubled", "row x", in_database(rows=lambda rows: (*rows, Row(-1, "x", "x")))
    ),
    "a row was changed": Planted("changed", "row ", in_database(rows=first_is(detail="other"))),
    "a change happened twice": Planted("doubled", "change ", in_database(changes=first_twice)),
    "a change is gone": Planted("lost", "change ", in_database(changes=without_first)),
    "a counter counted once more": Planted(
        "doubled",
        "counter-0",
        in_database(counters=lambda counters: {**counters, "counter-0": counters["counter-0"] + 1}),
    ),
    "a counter counted once less": Planted(
        "lost",
        "counter-0",
        in_database(counters=lambda counters: {**counters, "counter-0": counters["counter-0"] - 1}),
    ),
    "an alert is there twice": Planted("doubled", "alert ", in_database(alerts=first_twice)),
    "an alert is gone": Planted("lost", "alert ", in_database(alerts=without_first)),
    "an effect has no ledger": Planted("lost", "effect ", in_database(effects=without_first)),
    "an effect under another key": Planted(
        "doubled", "effect x", in_database(effects=lambda rows: (*rows, replace(rows[0], key="x")))
    ),
    "an effect without a result": Planted(
        "changed", "effect ", in_database(effects=first_is(result=None))
    ),
    "the record has another result than the ledger": Planted(
        "changed", "effect ", in_database(actions=first_is(result={"other": True}))
    ),
    "an action is not recorded": Planted(
        "differs", "actions of ", in_database(actions=without_first)
    ),
    "an action was skipped": Planted(
        "differs", "actions of ", in_database(actions=first_is(status="skipped"))
    ),
    "the API shows an action otherwise": Planted(
        "differs", "actions of ", of(shown=other_action_status)
    ),
    "an approval was asked twice": Planted(
        "doubled", "approval ", in_database(approvals=first_twice)
    ),
    "an approval is gone": Planted("lost", "approval ", in_database(approvals=without_first)),
    "two people decided": Planted(
        "doubled",
        "approval ",
        in_database(approvals=first_is(votes=(("mia", "approved"), ("ben", "rejected")))),
    ),
    "the wrong decision": Planted(
        "differs",
        "approval ",
        in_database(approvals=first_is(status="timed_out", votes=())),
    ),
    "a decision that was answered is gone": Planted(
        "lost", "approval ", in_database(approvals=first_is(votes=()))
    ),
    "a second decision was taken": Planted(
        "doubled",
        "approval ",
        of(decided=lambda ones: (*ones, replace(ones[0], user="ben"))),
    ),
    "a first decision was refused": Planted(
        "refused", "approval ", of(decided=first_is(status=409))
    ),
    "a reservation is there twice": Planted(
        "doubled",
        "reservation ",
        of(inventory=lambda one: replace(one, answers=first_twice(one.answers))),
    ),
    "a reservation is gone": Planted(
        "lost",
        "reservation ",
        of(inventory=lambda one: replace(one, answers=one.answers[1:], taken=one.taken - 1)),
    ),
    "stock was taken twice": Planted(
        "doubled", "stock", of(inventory=lambda one: replace(one, taken=one.taken + 1))
    ),
    "another answer was recorded": Planted(
        "changed",
        "reservation ",
        of(
            inventory=lambda one: replace(
                one, answers=((one.answers[0][0], {"reservation_id": "x"}), *one.answers[1:])
            )
        ),
    ),
    "a mail did not arrive": Planted("lost", "mail ", of(mails=without_first)),
    "a mail came again as another": Planted(
        "doubled", "mail ", of(mails=lambda mails: (*mails, replace(mails[0], message_id="x")))
    ),
    "a mail of nobody": Planted(
        "doubled", "mail x", of(mails=lambda mails: (*mails, Mail("<x>", "x")))
    ),
    "two mails under one id": Planted(
        "changed",
        "mail key ",
        of(mails=lambda mails: (replace(mails[0], message_id=mails[1].message_id), *mails[1:])),
    ),
    "a webhook did not arrive": Planted("lost", "request ", of(requests=without_first)),
    "a webhook came again under another key": Planted(
        "doubled", "request ", of(requests=lambda ones: (*ones, replace(ones[0], key="x")))
    ),
    "a webhook without a key": Planted("doubled", "request ", of(requests=first_is(key=""))),
    "a dead letter": Planted("lost", "1 dead letters", of(dead_letters=lambda _: 1)),
    "a client was refused": Planted(
        "refused", "event x: 500", of(refused=lambda _: ("event x: 500",))
    ),
    "a process ended by itself": Planted(
        "crashed", "worker", of(crashes=lambda _: (Exit("worker", "ended by itself with 1"),))
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_violation_is_noticed(name: str):
    planted = PLANTED[name]

    violations = found(planted.plant(good()))

    wanted = [one for one in violations if one.verdict == planted.verdict]
    assert any(one.what.startswith(planted.what) for one in wanted), violations


def test_what_a_failed_execution_has_not_done_is_not_called_lost():
    evidence = good()
    failed = in_database(executions=first_is(status="failed"), actions=without_first)(evidence)
    label = next(row.label for row in failed.database.rows if row.label.startswith("records/0/"))
    failed = in_database(
        rows=lambda rows: tuple(row for row in rows if row.label != label),
        effects=lambda effects: tuple(
            one
            for one in effects
            if not (one.result and one.result.get("record", {}).get("label") == label)
        ),
    )(failed)

    assert "lost" not in {one.verdict for one in found(failed)}
    assert "failed" in {one.verdict for one in found(failed)}


def test_what_a_stuck_execution_waits_for_is_said():
    evidence = in_database(executions=first_is(status="running"))(good())
    evidence = of(shown=shown_is("running", "reserve is running"))(evidence)

    (stuck,) = (one for one in found(evidence) if one.verdict == "stuck")

    assert stuck.why == "reserve is running"
