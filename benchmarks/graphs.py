"""The same steps as graphs."""

from uuid import UUID

from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import ActionId


def _uid(number: int) -> ActionId:
    return ActionId(str(UUID(int=number)))


def row(steps: int, payload: str) -> GraphDefinition:
    """Return steps in a row, each with the result of the one before."""
    actions = [
        ActionNode(
            _uid(number),
            f"step_{number}",
            "set_values",
            {
                "values": {
                    "n": f"{{{{step_{number - 1}.n}}}}" if number > 1 else 0,
                    "text": payload,
                }
            },
        )
        for number in range(1, steps + 1)
    ]
    edges = [ActionEdge(_uid(1), "start")]
    edges += [ActionEdge(_uid(n + 1), "sequence", _uid(n)) for n in range(1, steps)]
    return GraphDefinition(actions, edges)


def fan(steps: int, payload: str) -> GraphDefinition:
    """Return a step, so many parallel ones behind it, and a join that reads them all."""
    numbers = range(1, steps + 1)
    first, join = _uid(steps + 1), _uid(steps + 2)
    return GraphDefinition(
        [
            ActionNode(first, "first", "set_values", {"values": {"n": 0, "text": payload}}),
            *(
                ActionNode(
                    _uid(n),
                    f"step_{n}",
                    "set_values",
                    {"values": {"n": "{{first.n}}", "text": payload}},
                )
                for n in numbers
            ),
            ActionNode(
                join,
                "join",
                "set_values",
                {"values": {f"n{n}": f"{{{{step_{n}.n}}}}" for n in numbers}},
            ),
        ],
        [
            ActionEdge(first, "start"),
            *(ActionEdge(_uid(n), "parallel", first) for n in numbers),
            *(ActionEdge(join, "sequence", _uid(n)) for n in numbers),
        ],
    )
