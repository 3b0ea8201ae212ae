"""Edge types: one table of their traits, read by all code that follows, checks or draws edges.

An edge is decided when its source ends (a start edge: when the execution starts). It is taken if
its source completed and, where the type has an output, the result names that output. Edges of one
source exclude each other if they are on different outputs; all others can be taken together.

A new type is a name in `EdgeType` and a row in `EDGE_TYPES`. Besides, the types are known to the
constraint of the database, the reference model in `ichor_core.testing` and the documentation.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, get_args

from msgspec import Struct

EdgeType = Literal["start", "sequence", "parallel", "always", "true_branch", "false_branch"]
"""The type of an edge, as written in the wire format and in the database."""

Output = Literal["true_branch", "false_branch"]
"""An output of an action that decides; its result names it in `branch_taken`."""

START: Final = "start"
TRUE_BRANCH: Final = "true_branch"
FALSE_BRANCH: Final = "false_branch"


class EdgeTraits(Struct, frozen=True, kw_only=True):
    """The traits of all edges of one type."""

    is_start: bool = False
    """Whether it comes from the start; every other type needs an action as its source."""
    output: Output | None = None
    """The output on which it is taken; None: whenever its source completed."""
    label: str = ""
    """Text on the arrow in drawings."""


EDGE_TYPES: Final[Mapping[EdgeType, EdgeTraits]] = {
    "start": EdgeTraits(is_start=True),
    "sequence": EdgeTraits(),
    "parallel": EdgeTraits(label="parallel"),
    "always": EdgeTraits(label="always"),
    "true_branch": EdgeTraits(output=TRUE_BRANCH, label="true_branch"),
    "false_branch": EdgeTraits(output=FALSE_BRANCH, label="false_branch"),
}

OUTPUTS: Final[tuple[Output, ...]] = get_args(Output)


def output_of_decision(holds: bool) -> Output:
    """Return the output that an action names when its condition holds, or when it does not."""
    return TRUE_BRANCH if holds else FALSE_BRANCH


def named_output(result: Mapping[str, Any]) -> Output | None:
    """Return the output that a result names in `branch_taken`, or None."""
    named = result.get("branch_taken")
    return next((output for output in OUTPUTS if output == named), None)


def are_all_outputs(outputs: Iterable[str | None]) -> bool:
    """Say whether edges on these outputs leave none open, so that one of them is taken."""
    return set(OUTPUTS) <= set(outputs)
