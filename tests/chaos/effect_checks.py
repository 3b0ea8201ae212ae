"""Effects: rows, changes, alerts, reservations, mails and requests, each once."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.shapes import COUNTERS
from tests.chaos.violations import Case, Violation, keyed, once


def check_effects(case: Case) -> Iterator[Violation]:
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
        yield from once(kind, labels, least, most)
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


def check_ledger(case: Case) -> Iterator[Violation]:
    """Every effect stands in the ledger once, and as the row and the record have it."""
    database = case.evidence.database
    keys = Counter(effect.key for effect in database.effects)
    yield from once("effect", keys, Counter(case.done.ledger), Counter(case.possible.ledger))
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
        if action and action.status == "completed" and action.result != effect.result:
            yield Violation("changed", f"effect {effect.key}", f"the record has {action.result}")


def check_reservations(case: Case) -> Iterator[Violation]:
    """The other system reserved once, and its answer is the action's result."""
    inventory = case.evidence.inventory
    found = Counter(request_id for request_id, _ in inventory.answers)
    yield from once(
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
        reserved = action.name == "reserve" and action.status == "completed"
        if reserved and action.result != answers.get(key):
            yield Violation("changed", f"reservation {key}", f"the record has {action.result}")


def check_messages(case: Case) -> Iterator[Violation]:
    """Mails and webhooks arrived; what came again had the same id, and no two share one."""
    evidence = case.evidence
    mails = [(mail.subject, mail.message_id) for mail in evidence.mails]
    yield from keyed("mail", mails, case.done.mails, case.possible.mails)
    requests = [(request.path, request.key) for request in evidence.requests]
    yield from keyed("request", requests, case.done.paths, case.possible.paths)
    if evidence.dead_letters:
        yield Violation("lost", f"{evidence.dead_letters} dead letters")
