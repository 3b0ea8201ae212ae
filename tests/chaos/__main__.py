"""``make chaos``: faults under load on real servers, by a seed, and the verdict."""

import asyncio
import os
import random
import shutil
import sys
from pathlib import Path

from tests.chaos.campaign import run
from tests.chaos.plan import make_plan
from tests.chaos.report import json_of, text_of
from tests.chaos.servers import are_ours

ROOT = Path(__file__).parents[2]
FAULTS, EXECUTIONS = 500, 5_000


def main() -> int:
    """Run as the environment says: SEED, CHAOS_FAULTS, CHAOS_EXECUTIONS."""
    if not are_ours():
        print("DATABASE_URL or AMQP_URL names a server that is not ours to kill; unset it")
        return 2
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    faults = int(os.environ.get("CHAOS_FAULTS") or FAULTS)
    executions = int(os.environ.get("CHAOS_EXECUTIONS") or EXECUTIONS)
    folder = ROOT / ".ichor" / "chaos" / f"{seed}-{os.getpid()}"
    try:
        outcome = asyncio.run(run(make_plan(seed, faults, executions), folder, _say))
    except KeyboardInterrupt:
        print(f"interrupted; everything is stopped; logs in {folder}")
        return 130
    (folder / "report.json").write_text(json_of(outcome))
    report = text_of(outcome)
    (folder / "report.txt").write_text(report)
    print(f"\n{report}\n{folder}")
    if outcome.violations:
        return 1
    for data in ("temporal", "rabbitmq"):
        shutil.rmtree(folder / data)
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
