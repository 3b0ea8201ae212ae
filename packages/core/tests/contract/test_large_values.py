"""Large values leave the history by reference, or are cut at a character."""

import pytest

from ichor_core.contract.large_values import (
    MAX_VALUE_BYTES,
    REFERENCE_KEY,
    is_offloaded,
    offload,
    restore,
)
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
    assert await offload(kept, store) == kept


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
