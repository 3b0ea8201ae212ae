"""A later release of a service, in which there is one more interpreter.

``python -m tests.end_to_end.kit.newer_release worker|api``. Version 2 differs from version 1 in the
commands that a history leads to: what becomes ready starts in the opposite order.
"""

import sys
from collections.abc import Collection
from typing import ClassVar

import ichor_edgestore.events.store
import ichor_trigger_api.__main__ as trigger_api
import ichor_worker.__main__ as worker
import ichor_workflows.versions
from ichor_core.ids import ActionId
from ichor_workflows.v1.interpreter import Interpreter

NEWER = 2


class NewerInterpreter(Interpreter):
    """Interpreter 2."""

    version: ClassVar[int] = NEWER

    def _enqueue(self, action_ids: Collection[ActionId]) -> None:
        super()._enqueue(list(action_ids)[::-1])


def main() -> None:
    """Run the service that is named."""
    service = sys.argv.pop(1)
    versions = {Interpreter.version: Interpreter, NEWER: NewerInterpreter}
    ichor_workflows.versions.INTERPRETERS = versions
    ichor_edgestore.events.store.INTERPRETER_VERSION = NEWER
    {"worker": worker.main, "api": trigger_api.main}[service]()


if __name__ == "__main__":
    main()
