"""Run the kit: ``python -m ichor_feel.kit PATH [--deviations FILE] [--failed]``.

PATH is a checkout of the kit, or a file of lines of JSON. The exit code is 1 if a case failed that
the deviations do not name, and 2 if there are no cases.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ichor_feel.kit.case import Case
from ichor_feel.kit.checkout import cases_of_checkout
from ichor_feel.kit.deviations import Deviation, read_deviations, reason_for
from ichor_feel.kit.jsonl import cases_of_lines
from ichor_feel.kit.runner import Outcome, run_case


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m ichor_feel.kit", description="Run the DMN compatibility kit."
    )
    parser.add_argument("path", type=Path, help="checkout of the kit, or a file of JSON lines")
    parser.add_argument("--deviations", type=Path, help="file of known deviations: pattern: reason")
    options = parser.parse_args(arguments)
    deviations: list[Deviation] = []
    try:
        if options.deviations is not None:
            deviations = read_deviations(options.deviations)
        cases = list(_cases(options.path))
    except (OSError, ValueError, SyntaxError) as error:
        sys.stderr.write(f"error: {options.path}: {error}\n")
        return 2
    if not cases:
        sys.stderr.write(f"error: no cases in {options.path}\n")
        return 2
    return report([run_case(case) for case in cases], deviations)


def _cases(path: Path) -> Iterable[Case]:
    return cases_of_lines(path) if path.is_file() else cases_of_checkout(path)


def report(outcomes: Sequence[Outcome], deviations: Sequence[Deviation]) -> int:
    """Print what passed and what did not, each failure with its reason; the exit code."""
    failed = [one for one in outcomes if not one.passed]
    unexplained = 0
    for outcome in failed:
        reason = reason_for(outcome.case.name, deviations)
        unexplained += reason is None
        expression = " ".join(outcome.case.expression.split())[:100]
        sys.stdout.write(
            f"{outcome.case.name}\n    {expression}\n"
            f"    expected {outcome.case.expected!r}, found {outcome.found!r}\n"
            f"    {reason or 'NOT EXPLAINED'}\n"
        )
    passed = len(outcomes) - len(failed)
    share = 100 * passed / len(outcomes)
    sys.stdout.write(
        f"{passed} of {len(outcomes)} passed ({share:.2f} %); {len(failed)} failed, "
        f"{unexplained} of them without a known reason\n"
    )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
