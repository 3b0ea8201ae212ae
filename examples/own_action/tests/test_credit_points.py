import pytest
from own_action import CreditPoints
from own_action.credit_points import TABLE

from ichor_actions import ConfigError, RefusedError, Resources, discover
from ichor_actions.testing import run_action
from ichor_edgestore.effects import DeclaredTable
from ichor_edgestore.memory import MemoryEffectStore, MemoryState

CONFIG = {"customer": "{{customer.id}}", "amount": "{{total}}", "per_unit": 2}
ORDER = {"customer": {"id": "c-17"}, "total": 49.9}


@pytest.fixture
def state():
    return MemoryState()


@pytest.fixture
def credit_points(state):
    table = DeclaredTable(columns=("customer", "points"), key="id")
    return CreditPoints(Resources(effects=MemoryEffectStore(state, {TABLE: table})))


def test_a_worker_finds_it():
    assert "credit_points" in [item.spec.type for item in discover(Resources())]


async def test_whole_units_count(credit_points, state):
    result = await run_action(credit_points, CONFIG, ORDER)

    (row,) = state.tables[TABLE]
    assert (row["customer"], row["points"]) == ("c-17", 98)
    assert result == {"points": 98, "entry": row["id"]}


async def test_an_attempt_after_a_crash_credits_nothing_more(credit_points, state):
    first = await run_action(credit_points, CONFIG, ORDER)
    second = await run_action(credit_points, CONFIG, ORDER, attempt=2)

    assert second == first
    assert len(state.tables[TABLE]) == 1


async def test_less_than_a_unit_is_worth_nothing(credit_points, state):
    result = await run_action(credit_points, CONFIG, {**ORDER, "total": 0.99})

    assert result == {"points": 0, "entry": ""}
    assert state.tables == {}


async def test_a_negative_amount_is_refused_with_its_place(credit_points):
    with pytest.raises(ConfigError, match=r"^\$\.amount: "):
        await run_action(credit_points, CONFIG, {**ORDER, "total": -1})


async def test_without_a_store_it_says_what_is_missing():
    with pytest.raises(RefusedError, match="without a store of records"):
        await run_action(CreditPoints(Resources()), CONFIG, ORDER)
