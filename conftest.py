"""Options of every test run: collection without garbage collection, slow tests, times by file.

While CPython 3.11 turns source into a syntax tree, a collection of garbage may run code that makes
another one; the first then ends in a SystemError about recursion depth. It happened once in a
hundred runs.
"""

import contextlib
import gc
import importlib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
SLOW = (
    "packages/devstack/",
    "packages/edgestore/tests/test_migrations.py",
    "packages/engine/tests/executions/",
    "packages/engine/tests/relay/",
    "packages/feel/tests/test_bombs.py",
    "packages/runtime/tests/amqp/",
    "packages/runtime/tests/temporal/",
    "services/async-completer/tests/dead_letters/",
    "services/trigger-api/tests/endpoints/approvals/",
    "services/trigger-api/tests/endpoints/executions/",
    "services/trigger-api/tests/test_bootstrap.py",
    "services/worker/tests/",
    "tests/chaos/test_campaign.py",
    "tests/chaos/test_negative_controls.py",
    "tests/docs/test_blocks.py",
    "tests/docs/test_recover.py",
    "tests/docs/test_site.py",
    "tests/end_to_end/",
    "tests/infra/",
    "tests/integration/",
    "tests/observability/",
    "tests/reuse/",
)
"""Tests that start processes, install something or wait; `make test-quick` leaves them out."""
SUMMARY_LINES = 15

gc.disable()
with contextlib.suppress(ImportError):  # a package that is tested alone may not have it
    # Its plugin would import it at the end of the run, when garbage is collected again.
    importlib.import_module("hypothesis")


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests."""
    for item in items:
        if _relative(item.path).startswith(SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Collect garbage from here on."""
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in which files the time went."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.location[0]] += report.duration
    if len(seconds) < 2:
        return
    terminalreporter.section("time by file")
    for file, spent in seconds.most_common(SUMMARY_LINES):
        terminalreporter.write_line(f"{spent:7.1f} s  {file}")
    terminalreporter.write_line(f"{sum(seconds.values()):7.1f} s  all {len(seconds)} files")


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()
