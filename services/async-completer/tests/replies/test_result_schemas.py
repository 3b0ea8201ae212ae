"""What a result must look like, and when the published schemas are read."""

from typing import Any

from ichor_actions.types.inventory import allocate_inventory
from ichor_async_completer.replies.result_schemas import INVALID, ResultSchemas
from ichor_core import exact_json
from ichor_core.action_type import ActionType

ALLOCATED = {
    "status": "allocated",
    "allocations": [{"sku": "A", "requested": 2, "allocated": 2}],
    "reservation_id": "R-77",
}


class Published:
    """The published types; counts how often they are read."""

    def __init__(self, *types: ActionType) -> None:
        self.types = {one.type: one for one in types}
        self.reads = 0

    async def read(self) -> dict[str, ActionType]:
        self.reads += 1
        return self.types


def asking(properties: dict[str, Any]) -> ActionType:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return ActionType(type="ask", title="Ask", kind="async", result_schema=schema)


async def test_a_result_that_fits():
    published = Published(allocate_inventory.spec.action_type)
    schemas = ResultSchemas(published.read)
    for result in (ALLOCATED, {"status": "insufficient"}, ALLOCATED | {"further": 1}):
        assert await schemas.check("allocate_inventory", result) is None
    assert published.reads == 1


async def test_a_result_that_does_not_names_the_place():
    schemas = ResultSchemas(Published(allocate_inventory.spec.action_type).read)
    for result, place in (
        ({}, "$: 'status' is a required property"),
        ({"status": "maybe"}, "$.status: 'maybe' is not one of"),
        (ALLOCATED | {"allocations": [{"sku": 1}]}, "and 2 more"),
        (ALLOCATED | {"allocations": [{"sku": "A"}]}, "$.allocations[0]: 'allocated' is a"),
    ):
        error = await schemas.check("allocate_inventory", result)
        assert error is not None
        assert (error.type, error.retryable) == (INVALID, False)
        assert place in error.message
        assert "allocate_inventory" in error.message


async def test_what_was_published_meanwhile_counts():
    published = Published(asking({"answer": {"type": "integer"}}))
    schemas = ResultSchemas(published.read)
    assert await schemas.check("ask", {"answer": 1}) is None
    assert await schemas.check("ask", {"answer": "text"}) is not None
    published.types = {"ask": asking({"answer": {"type": "string"}})}
    assert await schemas.check("ask", {"answer": "text"}) is None


async def test_decimals_are_numbers():
    schemas = ResultSchemas(
        Published(asking({"answer": {"type": "number", "multipleOf": 0.5, "maximum": 2}})).read
    )
    exact = exact_json.decode('{"answer": 1.00000000000000000001}')
    assert await schemas.check("ask", exact) is None
    assert await schemas.check("ask", exact_json.decode('{"answer": 2.5}')) is not None


async def test_nothing_is_known_of_the_type():
    published = Published()
    schemas = ResultSchemas(published.read)
    assert await schemas.check("never_published", {"anything": 1}) is None
    assert (await schemas.check("", {}), published.reads) == (None, 1)
