"""People and clients: every approval is decided once, as was said, and nobody is refused."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.violations import Case, Violation, once


def check_approvals(case: Case) -> Iterator[Violation]:
    """Every approval was asked once, and decided once, as the person said."""
    approvals = case.evidence.database.approvals
    asked = Counter(one.execution_id for one in approvals)
    yield from once(
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


def check_clients(case: Case) -> Iterator[Violation]:
    """No careful client was refused, and no process ended by itself."""
    for text in case.evidence.refused:
        yield Violation("refused", text)
    for one in case.evidence.crashes:
        yield Violation("crashed", one.process, f"{one.why}\n{one.log}")
