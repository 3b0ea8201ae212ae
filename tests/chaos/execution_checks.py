"""Executions: each is there, ends, and is the same for API, Temporal and database."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from ichor_core.contract import TERMINAL_STATUSES
from tests.chaos.evidence import Document, ExecutionRow
from tests.chaos.violations import Case, Violation


def check_executions(case: Case) -> Iterator[Violation]:
    """Every accepted event has exactly its executions, each a workflow."""
    evidence = case.evidence
    stored = set(evidence.database.events)
    of_event: dict[str, list[ExecutionRow]] = defaultdict(list)
    for row in evidence.database.executions:
        of_event[row.event_id].append(row)
    for event in evidence.sent:
        if event.event_id not in stored:
            yield Violation("lost", f"event {event.event_id}", "accepted, and not stored")
        wanted = Counter(
            evidence.rules[shape.name]
            for shape in case.shapes.values()
            if shape.entity == event.entity
        )
        rows = of_event.pop(event.event_id, [])
        for rule_id in wanted - Counter(row.rule_id for row in rows):
            yield Violation("lost", f"execution of event {event.event_id}", f"rule {rule_id}")
        for rule_id in Counter(row.rule_id for row in rows) - wanted:
            yield Violation("doubled", f"execution of event {event.event_id}", f"rule {rule_id}")
        for one in {*event.executions} ^ {row.id for row in rows}:
            yield Violation("differs", f"execution {one}", "the answer to the event named others")
    for event_id, rows in of_event.items():
        for row in rows:
            yield Violation("doubled", f"execution {row.id}", f"of {event_id}, never accepted")


def check_ends(case: Case) -> Iterator[Violation]:
    """Every execution ends, and completed."""
    failures: dict[str, list[str]] = defaultdict(list)
    for action in case.evidence.database.actions:
        if action.status == "failed":
            failures[action.execution_id].append(_text_of(action.error))
    for row in case.evidence.database.executions:
        if row.status not in TERMINAL_STATUSES:
            shown = case.evidence.shown.get(row.id)
            waits = shown.waits_for if shown else ""
            since = shown.since if shown else 0.0
            yield Violation("stuck", f"execution {row.id} ({row.status})", waits, since)
        elif row.status != "completed":
            why = "; ".join(failures[row.id]) or str(row.error)
            yield Violation("failed", f"execution {row.id} ({row.status})", why, row.finished_at)


def _text_of(error: Document | None) -> str:
    if error is None:
        return "no error is recorded"
    return f"{error.get('action_type')}: {error.get('type')}: {error.get('message')}"


def check_agreement(case: Case) -> Iterator[Violation]:
    """API, Temporal and database say the same; no workflow runs that nobody asked for."""
    evidence = case.evidence
    workflows = {one.workflow_id: one for one in evidence.workflows}
    for row in evidence.database.executions:
        shown = evidence.shown.get(row.id)
        if shown is None or shown.status != row.status:
            said = shown.status if shown else "nothing"
            yield Violation("differs", f"execution {row.id}", f"database {row.status}, API {said}")
        workflow = workflows.pop(row.workflow_id, None)
        if workflow is None:
            if row.id not in evidence.database.undispatched:
                yield Violation("lost", f"workflow {row.workflow_id}", f"database {row.status}")
            continue
        if workflow.status != row.status:
            yield Violation(
                "differs",
                f"execution {row.id}",
                f"database {row.status}, Temporal {workflow.status}",
            )
        if workflow.runs != 1:
            yield Violation("doubled", f"workflow {row.workflow_id}", f"{workflow.runs} runs")
        if any("NON_DETERMINISTIC" in cause for cause in workflow.task_failures):
            yield Violation("failed", f"workflow {row.workflow_id}", "nondeterminism")
    for workflow_id in workflows:
        yield Violation("doubled", f"workflow {workflow_id}", "no execution is stored for it")


def check_records(case: Case) -> Iterator[Violation]:
    """Of what completed every action is recorded, as it had to go, by database and API."""
    statuses: dict[str, dict[str, str]] = defaultdict(dict)
    for action in case.evidence.database.actions:
        statuses[action.execution_id][action.name] = action.status
    for row in case.evidence.database.executions:
        if row.status != "completed" or row.id not in case.executions:
            continue
        shape, number = case.executions[row.id]
        skipped = shape.skipped(number)
        wanted = {
            action.name: "skipped" if action.name in skipped else "completed"
            for action in shape.graph.actions
        }
        shown = case.evidence.shown.get(row.id)
        for name, said in (
            ("the database", statuses[row.id]),
            ("the API", shown.actions if shown else {}),
        ):
            if said != wanted:
                other = {key: said.get(key) for key in wanted if said.get(key) != wanted[key]}
                yield Violation("differs", f"actions of {row.id}", f"{name} has {other}")
