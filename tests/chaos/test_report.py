"""The report says the seed, what happened, and names faults with what came near them."""

import json
from pathlib import Path

from msgspec.structs import replace

from tests.chaos.campaign import Injected, Outcome
from tests.chaos.evidence import Decided, Evidence
from tests.chaos.log_signs import count_signs
from tests.chaos.plan import make_plan
from tests.chaos.report import json_of, text_of
from tests.chaos.violations import Violation

PLAN = make_plan(7, 2, 10)
FIRST, SECOND = PLAN.faults
OUTCOME = Outcome(
    plan=PLAN,
    injected=(Injected(FIRST, 1_000.0, 1_001.0, 1, 0), Injected(SECOND, 2_000.0, 2_002.0, 5, 4)),
    evidence=Evidence(sent=(), rules={}),
    violations=(
        Violation("failed", "execution a", "storage was away", 2_003.0),
        Violation("failed", "execution b", "storage was away", 2_004.0),
        Violation("stuck", "execution c", "waits for a reply"),
    ),
    retries=3,
    load_seconds=20.0,
    seconds=25.0,
    slow_to_heal=False,
)


def test_it_counts_and_tells_how_to_run_it_again():
    text = text_of(OUTCOME)

    assert f"| {FIRST.kind} | {1 + (SECOND.kind == FIRST.kind)} |" in text
    assert "| failed | 2 |" in text
    assert "| stuck | 1 |" in text
    assert "| lost | 0 |" in text
    assert "make chaos SEED=7 CHAOS_FAULTS=2 CHAOS_EXECUTIONS=10" in text


def test_violations_with_one_cause_are_named_together_with_the_faults_near_them():
    lines = text_of(OUTCOME).splitlines()

    first = lines.index("failed (2): storage was away")
    assert lines[first + 1 : first + 4] == [
        "    execution a",
        "    execution b",
        f"    near fault 2: {SECOND} (2)",
    ]
    assert f"    near fault 1: {FIRST} (2)" not in lines


def test_json_has_every_violation():
    document = json.loads(json_of(OUTCOME))

    assert document["plan"]["seed"] == 7
    assert [one["what"] for one in document["violations"]][-1] == "execution c"
    assert len(document["injected"]) == 2


def test_decisions_that_nobody_was_told_of_are_noted():
    decided = (Decided("x", 1, "mia", "approved", 409, 4), Decided("y", 2, "mia", "approved", 200))
    outcome = replace(OUTCOME, evidence=replace(OUTCOME.evidence, decided=decided))

    note = next(line for line in text_of(outcome).splitlines() if "decisions" in line)

    assert note == (
        "note: 2 decisions: 1 heard at the first try, the last at try 4;"
        " 1 were taken though their sender never got a 200"
    )


def test_signs_of_trouble_in_a_log_are_counted(tmp_path: Path):
    log = tmp_path / "worker.log"
    log.write_text(
        'fine\n{"exception":[]}\nTask was destroyed but it is pending!\n{"exception":[]}\n'
    )

    assert count_signs(log) == {'"exception":': 2, "Task was destroyed but it is pending": 1}
    assert count_signs(tmp_path / "none.log") == {}
