"""The interpreters that this worker knows. One is added, none is ever removed."""

from collections.abc import Mapping

from ichor_workflows.v1.interpreter import Interpreter

INTERPRETERS: Mapping[int, type[Interpreter]] = {Interpreter.version: Interpreter}


class UnknownInterpreterError(RuntimeError):
    """The execution wants a newer interpreter than this worker has.

    Raised from a workflow it fails the workflow task, which waits for a newer worker.
    """


def interpreter_of(version: int) -> type[Interpreter]:
    """Return the interpreter of a version.

    Raises:
        UnknownInterpreterError: this worker is too old for it.
    """
    known = INTERPRETERS.get(version)
    if known is None:
        raise UnknownInterpreterError(
            f"interpreter version {version} is not known here, only {sorted(INTERPRETERS)}; "
            "deploy a newer worker"
        )
    return known
