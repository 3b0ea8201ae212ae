"""Holds the result of a reply against the reply schema of its action type."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from ichor_core import exact_json
from ichor_core.action_type import ActionType
from ichor_core.contract import ReplyError

INVALID = "InvalidReplyError"
_MAX_FAULT = 300
_FORMATS = Draft202012Validator.FORMAT_CHECKER


class ResultSchemas:
    """The reply schemas that the workers have published.

    What was read once is good enough to accept a result. Before one is refused they are read anew:
    a worker may just have published another schema.

    Args:
        read: returns what is published, by type.
    """

    def __init__(self, read: Callable[[], Awaitable[Mapping[str, ActionType]]]) -> None:
        self._read = read
        self._validators: dict[str, Draft202012Validator] = {}

    async def check(self, action_type: str, result: dict[str, object]) -> ReplyError | None:
        """Return why this cannot be the result of an action of this type, or None.

        A type that nobody has published is not checked, nor is the empty name.

        Raises:
            TRANSIENT_ERRORS: the database is away.
        """
        if not action_type:
            return None
        known = self._validators.get(action_type)
        if known is not None and not await _faults(known, result):
            return None
        published = await self._read()
        self._validators = {name: _validator(one) for name, one in published.items()}
        current = self._validators.get(action_type)
        faults = [] if current is None else await _faults(current, result)
        if not faults:
            return None
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        reason = f"the result does not fit the reply schema of {action_type}: {faults[0]}{more}"
        return ReplyError(reason, INVALID, retryable=False)


def _validator(action_type: ActionType) -> Draft202012Validator:
    # Nothing is fetched from elsewhere: the registry is empty.
    schema = exact_json.with_floats(action_type.result_schema)
    return Draft202012Validator(schema, format_checker=_FORMATS, registry=Registry())


async def _faults(validator: Draft202012Validator, result: dict[str, object]) -> list[str]:
    """Return what does not fit, each with its place, sorted."""

    def find() -> list[str]:
        # The stubs leave a parameter of iter_errors without a type.
        errors: Iterable[ValidationError] = cast(Any, validator).iter_errors(
            exact_json.with_floats(result)
        )
        return sorted({f"{error.json_path}: {error.message[:_MAX_FAULT]}" for error in errors})

    # A large result takes more than a second, in which other replies must not wait.
    return await asyncio.to_thread(find)
