"""Checks the result of a reply against the result schema of its action type."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from ichor_core.action_type import ActionType
from ichor_core.contract import ReplyError
from ichor_runtime.json_schema import JsonSchema

INVALID = "InvalidReplyError"
_MAX_FAULT = 300


class ResultSchemas:
    """The result schemas that the workers have published.

    A schema that was read before is enough to accept a result. Before one is refused, the schemas
    are read again: a worker may just have published another.

    Args:
        read: returns the published types by name.
    """

    def __init__(self, read: Callable[[], Awaitable[Mapping[str, ActionType]]]) -> None:
        self._read = read
        self._schemas: dict[str, JsonSchema] = {}

    async def check(self, action_type: str, result: dict[str, object]) -> ReplyError | None:
        """Return the error of a result that does not fit its action type, or None.

        A type that no worker has published is not checked, nor is the empty name.

        Raises:
            TRANSIENT_ERRORS: the database is away.
        """
        if not action_type:
            return None
        known = self._schemas.get(action_type)
        if known is not None and not await _faults(known, result):
            return None
        published = await self._read()
        self._schemas = {name: JsonSchema(one.result_schema) for name, one in published.items()}
        current = self._schemas.get(action_type)
        faults = [] if current is None else await _faults(current, result)
        if not faults:
            return None
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        reason = f"the result does not match the schema of {action_type}: {faults[0]}{more}"
        return ReplyError(reason, INVALID, retryable=False)


async def _faults(schema: JsonSchema, result: dict[str, object]) -> list[str]:
    """Return each part that does not fit, with its place, sorted."""

    def find() -> list[str]:
        errors = schema.errors(result)
        return sorted({f"{error.json_path}: {error.message[:_MAX_FAULT]}" for error in errors})

    # A large result takes more than a second, in which other replies must not wait.
    return await asyncio.to_thread(find)
