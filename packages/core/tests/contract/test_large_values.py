"""Large values leave the history by reference, or are cut at a character."""

from datetime import UTC, datetime

import pytest

from ichor_core.contract.approval import Approval, Decision, check_decision
from ichor_core.contract.large_values import (
    MAX_VALUE_BYTES,
    offload,
    restore,
)
from ichor_core.contract.value_references import REFERENCE_KEY, is_offloaded
from ichor_core.errors import NotFoundError
from ichor_core.expressions.context import MergedContext
from ichor_core.expressions.truncation import truncate


class Store:
    def __init__(self):
        self.values = {}

    async def put(self, digest, data):
        self.values[digest] = data

    async def get(self, digest):
        if digest not in self.values:
            raise NotFoundError(digest)
        return self.values[digest]


def test_text_is_never_cut_inside_a_character():
    text = "é" * MAX_VALUE_BYTES
    result = truncate({"x": text, "small": 1})
    assert result["x"].endswith("...[TRUNCATED]")
    assert set(result["x"].removesuffix("...[TRUNCATED]")) == {"é"}
    assert len(result["x"].removesuffix("...[TRUNCATED]").encode()) <= MAX_VALUE_BYTES
    assert result["x_truncated"] is True
    assert result["small"] == 1


def test_objects_are_replaced_whole():
    result = truncate({"x": [1] * MAX_VALUE_BYTES})
    assert result == {"x": "[LARGE_OBJECT_TRUNCATED]", "x_truncated": True}


def test_context_truncates():
    context = MergedContext()
    context.merge_result("a", {"x": "y" * (MAX_VALUE_BYTES + 1)})
    assert context.action_results["a"]["x_truncated"] is True
    assert context.flattened["a.x_truncated"] is True


def test_a_clone_is_apart():
    context = MergedContext({"t": 1})
    clone = context.clone()
    clone.merge_result("a", {"x": 1})
    assert context.action_results == {}


async def test_offload_and_restore():
    store = Store()
    value = {"text": "ü" * MAX_VALUE_BYTES, "list": ["x"] * 20_000, "small": "s"}
    kept = await offload(value, store)
    assert is_offloaded(kept["text"])
    assert is_offloaded(kept["list"])
    assert kept["small"] == "s"
    assert kept["text"][REFERENCE_KEY]["size"] > MAX_VALUE_BYTES
    assert kept["text"][REFERENCE_KEY]["preview"] == "ü" * 200
    assert await restore(kept, store) == value
    assert await offload(kept, store, max_bytes=1_000_000) == kept
    assert await restore(await restore(await offload(kept, store), store), store) == value


@pytest.mark.parametrize(
    "value",
    [
        {REFERENCE_KEY: {"digest": "of another execution"}},
        {REFERENCE_KEY: {"digest": 5, "size": None}},
        {REFERENCE_KEY: {"digest": "x", "preview": "y" * MAX_VALUE_BYTES}},
    ],
)
async def test_what_only_looks_like_a_reference_is_data(value):
    store = Store()
    await store.put("of another execution", b'"secret"')
    result = {"a": value, "b": [value], REFERENCE_KEY: value, "c": 1}
    kept = await offload(result, store)
    assert kept["a"] != value
    assert kept["c"] == 1
    assert await offload(kept, store, max_bytes=1_000_000) == kept
    assert await restore(kept, store) == result
    once_more = await offload(await restore(kept, store), store)
    assert await restore(once_more, store) == result


async def test_a_carried_result_is_made_smaller():
    store = Store()
    value = {f"k{n}": "x" * 5_000 for n in range(5)}
    kept = await offload(value, store, max_bytes=6_000)
    assert sum(is_offloaded(inner) for inner in kept.values()) == 4
    assert await restore(kept, store) == value


def test_a_form_is_no_reference():
    approval = Approval(
        id="a",
        execution_id="e",
        action_id="b",
        action_name="n",
        deadline=datetime.max.replace(tzinfo=UTC),
    )
    form = {REFERENCE_KEY: {"digest": "x"}}
    decision = Decision(approval_id="a", vote="approved", user="u", form=form)
    assert "as its only field" in check_decision(approval, decision)


async def test_many_middling_values_leave_together():
    store = Store()
    value = {f"k{n}": "x" * 40_000 for n in range(10)}
    kept = await offload(value, store)
    assert sum(not is_offloaded(inner) for inner in kept.values()) == 2
    assert await restore(kept, store) == value


async def test_a_lost_value_is_an_error():
    kept = await offload({"x": "y" * (MAX_VALUE_BYTES + 1)}, Store())
    with pytest.raises(NotFoundError):
        await restore(kept, Store())
