"""What a run led to, as text for people and as JSON."""

import json
from collections import Counter
from collections.abc import Iterator

import msgspec

from tests.chaos.campaign import Outcome
from tests.chaos.kinds import KINDS
from tests.chaos.violations import VERDICTS, Violation

_SHOWN = 6
"""Things of each kind that are named, of those with the same cause."""
_NEAR_SECONDS = 15.0
"""Faults that were going on so long before or after something began or ended are named with it:
the time in a record is that of its workflow task, which may have been repeated."""


def text_of(outcome: Outcome) -> str:
    """Return the report."""
    return "\n".join(_lines(outcome))


def json_of(outcome: Outcome) -> str:
    """Return plan, faults and violations, all of them."""
    document = {
        "plan": msgspec.to_builtins(outcome.plan),
        "injected": msgspec.to_builtins(outcome.injected),
        "violations": msgspec.to_builtins(outcome.violations),
        "late": msgspec.to_builtins(outcome.evidence.late),
        "seconds": outcome.seconds,
    }
    return json.dumps(document, indent=1)


def _lines(outcome: Outcome) -> Iterator[str]:
    evidence, plan = outcome.evidence, outcome.plan
    executions = len(evidence.database.executions)
    yield f"seed {plan.seed}: {len(outcome.injected)} faults, {executions} executions"
    yield (
        f"{len(evidence.sent)} events in {outcome.load_seconds:.0f} s, "
        f"{outcome.seconds:.0f} s with the check; {outcome.retries} requests sent again"
    )
    yield ""
    yield "| fault | injected |"
    yield "|---|---:|"
    for kind in KINDS:
        yield f"| {kind.name} | {outcome.kinds[kind.name]} |"
    yield ""
    yield "| verdict | number |"
    yield "|---|---:|"
    for verdict in VERDICTS:
        yield f"| {verdict} | {outcome.verdicts[verdict]} |"
    yield from _violations(outcome)
    yield from _notes(outcome)
    sizes = f"CHAOS_FAULTS={len(plan.faults)} CHAOS_EXECUTIONS={plan.executions}"
    yield f"again: make chaos SEED={plan.seed} {sizes}"


def _notes(outcome: Outcome) -> Iterator[str]:
    """Say what is no violation and still worth knowing."""
    evidence = outcome.evidence
    for (process, why), times in Counter((one.process, one.why) for one in evidence.late).items():
        yield f"note: {process} {why} ({times})"
    if outcome.slow_to_heal:
        yield "note: not every process was ready within the bound after the last fault"
    mia = [one for one in evidence.decided if one.user == "mia"]
    if mia:
        first = sum(one.tries == 1 for one in mia)
        unheard = sum(one.status == 409 for one in mia)
        most = max(one.tries for one in mia)
        yield (
            f"note: {len(mia)} decisions: {first} heard at the first try, the last at try {most};"
            f" {unheard} were taken though their sender never got a 200"
        )
    for process, signs in evidence.signs.items():
        for sign, times in signs.items():
            yield f"note: {process} logged {sign!r} in {times} lines"
    repeated = len(evidence.mails) - len({mail.message_id for mail in evidence.mails})
    again = len(evidence.requests) - len({request.key for request in evidence.requests})
    yield f"note: {repeated} mails and {again} webhook requests came again, under the same id"


def _violations(outcome: Outcome) -> Iterator[str]:
    """Name violations, those of one kind with one cause together."""
    causes: dict[tuple[str, str], list[Violation]] = {}
    for one in outcome.violations:
        causes.setdefault((one.verdict, one.why), []).append(one)
    for (verdict, why), found in causes.items():
        yield f"{verdict} ({len(found)}): {why}"
        for one in found[:_SHOWN]:
            yield f"    {one.what}"
        if len(found) > _SHOWN:
            yield f"    and {len(found) - _SHOWN} more"
        faults = Counter(str(fault) for one in found for fault in _faults_near(outcome, one))
        for fault, times in faults.most_common(_SHOWN):
            yield f"    near fault {fault} ({times})"


def _faults_near(outcome: Outcome, violation: Violation) -> Iterator[str]:
    for one in outcome.injected:
        if one.began - _NEAR_SECONDS <= violation.at <= one.until + _NEAR_SECONDS:
            yield f"{one.fault.number}: {one.fault}"
