"""Holds the evidence against what has to be there: nothing lost, nothing doubled, all agree."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct

from ichor_core.contract import TERMINAL_STATUSES
from tests.chaos.evidence import ActionRow, Evidence, ExecutionRow
from tests.chaos.expectation import Expected, expect
from tests.chaos.shapes import COUNTERS, Shape

Verdict = Literal["lost", "doubled", "failed", "stuck", "differs", "changed", "refused", "crashed"]
VERDICTS: tuple[Verdict, ...] = (
    "lost",
    "doubled",
    "failed",
    "stuck",
    "differs",
    "changed",
    "refused",
    "crashed",
)


class Violation(Struct, frozen=True):
    """Something that must not be."""

    verdict: Verdict
    what: str
    """Which thing, with its id."""
    why: str = ""
    at: float = 0.0
    """When it came about, in seconds since 1970; 0: not known."""


class Case(Struct, frozen=True, kw_only=True):
    """The evidence, and what follows from it alone."""

    evidence: Evidence
    shapes: Mapping[str, Shape]
    executions: Mapping[str, tuple[Shape, int]]
    """Shape and number of the event, by execution id; those that are not expected left out."""
    done: Expected
    """What the executions that completed must have left."""
    possible: Expected
    """What all of them may have left."""


def check(evidence: Evidence, shapes: Mapping[str, Shape]) -> list[Violation]:
    """Return everything that must not be; none: the run is good."""
    case = _case(evidence, shapes)
    return [violation for one in _CHECKS for violation in one(case)]


def _case(evidence: Evidence, shapes: Mapping[str, Shape]) -> Case:
    numbers = {event.event_id: event.number for event in evidence.sent}
    by_rule = {rule_id: shapes[name] for name, rule_id in evidence.rules.items()}
    rows = evidence.database.executions
    known = {
        row.id: (by_rule[row.rule_id], numbers[row.event_id])
        for row in rows
        if row.rule_id in by_rule and row.event_id in numbers
    }
    completed = {row.id for row in rows if row.status == "completed"}
    return Case(
        evidence=evidence,
        shapes=shapes,
        executions=known,
        done=expect((one, *known[one]) for one in known if one in completed),
        possible=expect((one, *known[one]) for one in known),
    )


def _executions(case: Case) -> Iterator[Violation]:
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


def _ends(case: Case) -> Iterator[Violation]:
    """Every execution ends, and completed."""
    failures: dict[str, list[str]] = defaultdict(list)
    for action in case.evidence.database.actions:
        if action.status == "failed":
            error = action.error or {}
            text = f"{error.get('action_type')}: {error.get('type')}: {error.get('message')}"
            failures[action.execution_id].append(text)
    for row in case.evidence.database.executions:
        if row.status not in TERMINAL_STATUSES:
            shown = case.evidence.shown.get(row.id)
            waits = shown.waits_for if shown else ""
            since = shown.since if shown else 0.0
            yield Violation("stuck", f"execution {row.id} ({row.status})", waits, since)
        elif row.status != "completed":
            why = "; ".join(failures[row.id]) or str(row.error)
            yield Violation("failed", f"execution {row.id} ({row.status})", why, row.finished_at)


def _agreement(case: Case) -> Iterator[Violation]:
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


def _effects(case: Case) -> Iterator[Violation]:
    """Rows, changes, counters and alerts are there once."""
    database, done, possible = case.evidence.database, case.done, case.possible
    found = {
        "row": Counter(row.label for row in database.rows),
        "change": Counter(change.label for change in database.changes),
        "alert": Counter(alert.title for alert in database.alerts),
    }
    wanted = {
        "row": (done.rows, possible.rows),
        "change": (done.changes, possible.changes),
        "alert": (done.alerts, possible.alerts),
    }
    for kind, labels in found.items():
        least, most = wanted[kind]
        yield from _once(kind, labels, least, most)
    noted = Counter(change.counter for change in database.changes)
    for number in range(COUNTERS):
        name = f"counter-{number}"
        touched = database.counters.get(name, 0)
        if touched != noted[name]:
            yield Violation("changed", name, f"changed {touched} times, noted {noted[name]}")
        if touched > possible.counters[name]:
            yield Violation("doubled", name, f"{touched} of {possible.counters[name]} changes")
        if touched < done.counters[name]:
            yield Violation("lost", name, f"{touched} of {done.counters[name]} changes")


def _ledger(case: Case) -> Iterator[Violation]:
    """Every effect stands in the ledger once, and as the row and the record have it."""
    database = case.evidence.database
    keys = Counter(effect.key for effect in database.effects)
    yield from _once("effect", keys, Counter(case.done.ledger), Counter(case.possible.ledger))
    rows = {row.id: row for row in database.rows}
    results = {(one.execution_id, one.action_id): one for one in database.actions}
    for effect in database.effects:
        if effect.result is None:
            yield Violation("changed", f"effect {effect.key}", "has no result")
            continue
        record = effect.result.get("record")
        row = rows.get(record["id"]) if record else None
        if record and (
            row is None or (row.label, row.detail) != (record["label"], record["detail"])
        ):
            yield Violation("changed", f"row {record['id']}", f"the ledger has {record}, not {row}")
        action = results.get((effect.execution_id, effect.action_id))
        if action and action.status == "completed" and not _same(action, effect.result):
            yield Violation("changed", f"effect {effect.key}", f"the record has {action.result}")


def _same(action: ActionRow, result: object) -> bool:
    return action.result == result


def _records(case: Case) -> Iterator[Violation]:
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


def _reservations(case: Case) -> Iterator[Violation]:
    """The other system reserved once, and its answer is the action's result."""
    inventory = case.evidence.inventory
    found = Counter(request_id for request_id, _ in inventory.answers)
    yield from _once(
        "reservation", found, Counter(case.done.reservations), Counter(case.possible.reservations)
    )
    if inventory.taken != len(inventory.answers):
        yield Violation(
            "doubled" if inventory.taken > len(inventory.answers) else "lost",
            "stock",
            f"{inventory.taken} taken for {len(inventory.answers)} reservations",
        )
    answers = dict(inventory.answers)
    for action in case.evidence.database.actions:
        key = f"{action.execution_id}/{action.action_id}/0"
        if action.name == "reserve" and action.status == "completed":
            result = action.result or {}
            answer = answers.get(key, {})
            if any(result.get(name) != answer[name] for name in answer) or not answer:
                yield Violation("changed", f"reservation {key}", f"the record has {result}")


def _approvals(case: Case) -> Iterator[Violation]:
    """Every approval was asked once, and decided once, as the person said."""
    approvals = case.evidence.database.approvals
    asked = Counter(one.execution_id for one in approvals)
    yield from _once(
        "approval", asked, Counter([*case.done.approvals]), Counter([*case.possible.approvals])
    )
    for one in approvals:
        vote = case.possible.approvals.get(one.execution_id)
        if len(one.votes) > 1:
            yield Violation("doubled", f"approval {one.id}", f"decided by {one.votes}")
        if one.execution_id in case.done.approvals and (
            one.votes != (("mia", str(vote)),) or one.status != vote
        ):
            yield Violation(
                "differs", f"approval {one.id}", f"{one.status} by {one.votes}, not {vote} by mia"
            )
    votes = {one.id: one.votes for one in approvals}
    for decision in case.evidence.decided:
        name = f"approval {decision.approval_id}"
        there = (decision.user, decision.vote) in votes.get(decision.approval_id, ())
        if decision.status == 200 and not there:
            yield Violation("lost", name, f"{decision.user}'s decision was answered 200")
        if decision.user == "ben" and decision.status == 200:
            yield Violation("doubled", name, "a second decision was answered 200")
        first = decision.user == "mia" and decision.tries == 1
        if decision.status not in (200, 409) or (decision.status == 409 and first):
            yield Violation(
                "refused", name, f"{decision.user}, try {decision.tries}: {decision.status}"
            )


def _messages(case: Case) -> Iterator[Violation]:
    """Mails and webhooks arrived; what came again had the same id, and no two share one."""
    evidence = case.evidence
    mails = [(mail.subject, mail.message_id) for mail in evidence.mails]
    yield from _keyed("mail", mails, case.done.mails, case.possible.mails)
    requests = [(request.path, request.key) for request in evidence.requests]
    yield from _keyed("request", requests, case.done.paths, case.possible.paths)
    if evidence.dead_letters:
        yield Violation("lost", f"{evidence.dead_letters} dead letters")


def _clients(case: Case) -> Iterator[Violation]:
    """No careful client was refused, and no process ended by itself."""
    for text in case.evidence.refused:
        yield Violation("refused", text)
    for one in case.evidence.crashes:
        yield Violation("crashed", one.process, f"{one.why}\n{one.log}")


def _once(
    kind: str, found: Counter[str], least: Counter[str], most: Counter[str]
) -> Iterator[Violation]:
    """Compare how often things are there with how often they must and may be."""
    for label, times in (found - most).items():
        verdict = f"{found[label]} times" if label in most else "nobody asked for it"
        yield Violation("doubled", f"{kind} {label}", f"{verdict} ({times} too many)")
    for label in least - found:
        yield Violation("lost", f"{kind} {label}", "its execution completed")


def _keyed(
    kind: str, found: Iterable[tuple[str, str]], least: frozenset[str], most: frozenset[str]
) -> Iterator[Violation]:
    """Check what may come again, but only under the same key."""
    keys: dict[str, set[str]] = defaultdict(set)
    labels: dict[str, set[str]] = defaultdict(set)
    for label, key in found:
        keys[label].add(key)
        labels[key].add(label)
    for label, used in keys.items():
        if label not in most:
            yield Violation("doubled", f"{kind} {label}", "nobody asked for it")
        if len(used) > 1 or "" in used:
            yield Violation("doubled", f"{kind} {label}", f"under the keys {sorted(used)}")
    for key, used in labels.items():
        if len(used) > 1:
            yield Violation("changed", f"{kind} key {key}", f"of {sorted(used)}")
    for label in least - keys.keys():
        yield Violation("lost", f"{kind} {label}", "its execution completed")


_CHECKS: tuple[Callable[[Case], Iterator[Violation]], ...] = (
    _executions,
    _ends,
    _agreement,
    _effects,
    _ledger,
    _records,
    _reservations,
    _approvals,
    _messages,
    _clients,
)
