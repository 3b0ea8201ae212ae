"""The load has all of it in every size: both branches, both decisions, every kind of action."""

from collections import Counter

from ichor_core.graph import ActionNode
from tests.chaos.load import make_events
from tests.chaos.shapes import Shape, make_shapes, vote_of

SHAPES = make_shapes("http://127.0.0.1:1")


def runs(executions: int) -> list[tuple[Shape, int, ActionNode]]:
    return [
        (shape, event.number, action)
        for event in make_events(1, executions, SHAPES.values())
        for shape in SHAPES.values()
        if shape.entity == event.entity
        for action in shape.runs(event.number)
    ]


def test_every_action_of_every_shape_runs_for_some_event():
    ran = {(shape.name, action.name) for shape, _, action in runs(300)}

    assert ran == {
        (shape.name, one.name) for shape in SHAPES.values() for one in shape.graph.actions
    }


def test_both_decisions_are_made():
    votes = Counter(
        vote_of(number)
        for _, number, action in runs(300)
        if action.action_type == "approval_request"
    )

    assert min(votes["approved"], votes["rejected"]) >= 20


def test_no_action_has_limits_of_its_own():
    assert all(one.limits is None for shape in SHAPES.values() for one in shape.graph.actions)


def test_events_are_the_same_for_the_same_seed():
    events = make_events(5, 300, SHAPES.values())

    assert events == make_events(5, 300, SHAPES.values())
    assert len({event.event_id for event in events}) == len(events) == 250
    assert not {event.event_id for event in make_events(6, 300, SHAPES.values())} & {
        event.event_id for event in events
    }
