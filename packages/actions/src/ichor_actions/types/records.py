"""Actions that change records, each change once, however often it is attempted."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.conditions import ConditionData, read_condition
from ichor_actions.definition.constraints import one_of
from ichor_actions.definition.spec import ActionSpec
from ichor_actions.errors import ConfigError, TransientError
from ichor_actions.resources import Resources, needed
from ichor_actions.types.table_constraints import create_constraints, update_constraints
from ichor_core.errors import ConflictError


@contextmanager
def _passing_conflicts() -> Generator[None]:
    """Let the attempt be made again where another transaction was in the way."""
    try:
        yield
    except ConflictError as error:
        raise TransientError(str(error)) from None


Name = Annotated[str, Meta(min_length=1, max_length=63)]
"""Name of a column that the operator has declared."""

Table = Annotated[str, Meta(min_length=1, max_length=127)]
"""Name of a table that the operator has declared, with its schema: each of 63 bytes at most."""


class CreateRecordConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `create_record`."""

    table: Table
    values: Annotated[dict[str, Any], Meta(min_length=1)]
    """Column → value."""


class CreateRecordResult(Struct, frozen=True):
    """The result of `create_record`."""

    created: bool
    record: dict[str, Any]
    """The stored row."""


class CreateRecord:
    """Inserts one row."""

    def __init__(self, resources: Resources) -> None:
        self._effects = resources.effects
        self.spec = ActionSpec(
            type="create_record",
            title="Create record",
            description="Inserts a row into a table.",
            kind="local",
            config=CreateRecordConfig,
            result=CreateRecordResult,
            constraints=create_constraints(resources.tables),
        )

    async def execute(
        self, config: CreateRecordConfig, attempt: ActionAttempt
    ) -> CreateRecordResult:
        """Insert the row.

        Raises:
            InvalidInputError: a table or column that is not declared, a value it cannot hold.
            TransientError: another transaction is in the way.
        """
        effects = needed(self._effects, "effects")
        with _passing_conflicts():
            made = await effects.create_record(attempt.effect_key, config.table, config.values)
        return CreateRecordResult(made["created"], made["record"])


_EITHER = "give either field and value, or changes"
_EMPTY = 'empty condition; write {"all": []} for every row'
_NONE = {"maxProperties": 0}
_CHANGE = one_of(
    _EITHER,
    {
        "required": ["field", "value"],
        "properties": {"field": {"not": {"type": "null"}}, "changes": _NONE},
    },
    {
        "required": ["changes"],
        "not": {"required": ["value"]},
        "properties": {"field": {"type": "null"}, "changes": {"not": _NONE}},
    },
)
_NOT_EMPTY = {
    "properties": {"where": {"minProperties": 1, "minItems": 1, "errorMessage": _EMPTY}},
}


class UpdateFieldConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `update_field`: one field and its value, or several changes."""

    table: Table
    where: ConditionData
    """Condition for the rows to change; `field` is a column. `{"all": []}` means every row."""
    field: Name | None = None
    value: Any | UnsetType = UNSET
    changes: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    """Column → new value; instead of `field` and `value`."""

    def __post_init__(self) -> None:
        single = self.field is not None and self.value is not UNSET
        if (self.field is not None) != (self.value is not UNSET) or single == bool(self.changes):
            raise ValueError(_EITHER)


class UpdateFieldResult(Struct, frozen=True):
    """The result of `update_field`."""

    updated: int
    """Number of rows changed."""


class UpdateField:
    """Changes fields of the rows that match a condition."""

    def __init__(self, resources: Resources) -> None:
        self._effects = resources.effects
        self.spec = ActionSpec(
            type="update_field",
            title="Update field",
            description="Changes fields of the rows of a table that match a condition.",
            kind="local",
            config=UpdateFieldConfig,
            result=UpdateFieldResult,
            constraints=(_CHANGE, _NOT_EMPTY, *update_constraints(resources.tables)),
        )

    async def execute(self, config: UpdateFieldConfig, attempt: ActionAttempt) -> UpdateFieldResult:
        """Change the rows.

        Raises:
            ConditionError: `where` is not a condition.
            InvalidInputError: a table or column that is not declared, a value it cannot hold.
            TransientError: another transaction is in the way.
        """
        if not config.where:
            raise ConfigError(_EMPTY, "$.where")
        read_condition(config.where, attempt, "where")
        changes = config.changes or {str(config.field): config.value}
        effects = needed(self._effects, "effects")
        with _passing_conflicts():
            done = await effects.update_records(
                attempt.effect_key, config.table, changes, config.where
            )
        return UpdateFieldResult(done["updated"])
