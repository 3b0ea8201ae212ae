"""What would never end, ends, by counting and not by the clock."""

import pytest

from ichor_feel import ParseError, evaluate
from ichor_feel.testing.bombs import BOMBS


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_bomb(name):
    text, context = BOMBS[name]
    try:
        found = evaluate(text, context, now="2024-01-01T00:00:00Z")
    except ParseError:
        return
    harmless = {"backtracking", "backtracking with choices", "a long sum", "many ifs"}
    if name in harmless:
        assert found.problems == ()
    else:
        assert found.problems
        assert found.failure is not None


def test_there_are_enough():
    assert len(BOMBS) >= 40
