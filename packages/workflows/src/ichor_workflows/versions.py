"""The interpreter versions that this worker knows. One is added, none is ever removed."""

from collections.abc import Mapping

from msgspec import Struct

from ichor_workflows import v1, v2


class Version(Struct, frozen=True):
    """The two workflows as one version runs them."""

    graph_run: type[v1.GraphRun] | type[v2.GraphRun]
    branch_run: type[v1.BranchRun] | type[v2.BranchRun]


INTERPRETERS: Mapping[int, Version] = {
    1: Version(v1.GraphRun, v1.BranchRun),
    2: Version(v2.GraphRun, v2.BranchRun),
}


class UnknownInterpreterError(RuntimeError):
    """The execution needs a newer interpreter than this worker has.

    Raised from a workflow it fails the workflow task, which waits for a newer worker.
    """


def interpreter_of(version: int) -> Version:
    """Return the interpreter of a version.

    Raises:
        UnknownInterpreterError: this worker is too old for it.
    """
    known = INTERPRETERS.get(version)
    if known is None:
        raise UnknownInterpreterError(
            f"interpreter version {version} is unknown to this worker, which has "
            f"{sorted(INTERPRETERS)}; deploy a newer worker"
        )
    return known
