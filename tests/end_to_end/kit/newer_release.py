"""A later release of a service, in which there is one more interpreter.

``python -m tests.end_to_end.kit.newer_release worker|api``. Version 3 differs from version 2 in the
commands that a history leads to: what becomes ready starts in the opposite order.
"""

import sys
from typing import Any, ClassVar

import ichor_edgestore.events.store
import ichor_trigger_api.__main__ as trigger_api
import ichor_worker.__main__ as worker
import ichor_workflows.versions
from ichor_workflows import v2
from ichor_workflows.v2.interpreter import Interpreter

NEWER = 3


class NewerInterpreter(Interpreter):
    """Interpreter 3."""

    version: ClassVar[int] = NEWER

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        enqueue = self._scheduler.enqueue
        self._scheduler.enqueue = lambda ids: enqueue(list(ids)[::-1])


class NewerGraphRun(v2.GraphRun):
    """Runs a graph by interpreter 3."""

    interpreter_type = NewerInterpreter


class NewerBranchRun(v2.BranchRun):
    """Runs a closed branch by interpreter 3."""

    interpreter_type = NewerInterpreter


def main() -> None:
    """Run the service that is named."""
    service = sys.argv.pop(1)
    newer = ichor_workflows.versions.Version(NewerGraphRun, NewerBranchRun)
    ichor_workflows.versions.INTERPRETERS = {**ichor_workflows.versions.INTERPRETERS, NEWER: newer}
    ichor_edgestore.events.store.INTERPRETER_VERSION = NEWER
    {"worker": worker.main, "api": trigger_api.main}[service]()


if __name__ == "__main__":
    main()
