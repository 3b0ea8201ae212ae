"""What a run led to, as text for people and as JSON."""

import json
from collections.abc import Iterator

import msgspec

from tests.chaos.campaign import Outcome
from tests.chaos.checker import VERDICTS
from tests.chaos.kinds import KINDS

_SHOWN = 20
"""Violations of each kind that are written out."""


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
        f"{outcome.seconds:.0f} s in all; {outcome.retries} requests sent again"
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
    for verdict in VERDICTS:
        found = [one for one in outcome.violations if one.verdict == verdict]
        for one in found[:_SHOWN]:
            yield f"{verdict}: {one.what}: {one.why}"
        if len(found) > _SHOWN:
            yield f"{verdict}: and {len(found) - _SHOWN} more"
    for one in evidence.late:
        yield f"note: {one.process} {one.why}"
    if outcome.slow_to_heal:
        yield "note: not every process was ready within the bound after the last fault"
    repeated = len(evidence.mails) - len({mail.message_id for mail in evidence.mails})
    again = len(evidence.requests) - len({request.key for request in evidence.requests})
    yield f"note: {repeated} mails and {again} webhook requests came again, under the same id"
    sizes = f"CHAOS_FAULTS={len(plan.faults)} CHAOS_EXECUTIONS={plan.executions}"
    yield f"again: make chaos SEED={plan.seed} {sizes}"
