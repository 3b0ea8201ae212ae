"""Specification of an action type, from which its published form follows."""

import re
from typing import get_args

from msgspec import Struct

from ichor_actions.definition.constraints import Constraint
from ichor_actions.definition.json_schema import json_schema
from ichor_actions.errors import ActionDefinitionError
from ichor_core.action_type import ActionKind, ActionType
from ichor_core.limits import Limits

TYPE_PATTERN = re.compile(r"[a-z][a-z0-9_]*")
MAX_TYPE_LENGTH = 100

StructType = type[Struct]


class ActionSpec(Struct, frozen=True, kw_only=True):
    """The name of an action type, how it runs, its config and its result.

    Raises:
        ActionDefinitionError: invalid name or kind of the type.
    """

    type: str
    """Its name in graphs: lower case letters, digits and `_`."""
    title: str
    """Its name for people."""
    kind: ActionKind
    config: StructType
    """The struct to which `action_config` is converted once its templates are resolved."""
    result: StructType | None = None
    """Its result; None: any object."""
    request: StructType | None = None
    """The request that it returns if people or another system give the result; None: it returns the
    result itself."""
    description: str = ""
    limits: Limits = Limits()
    """Timeouts and retries that differ from those of its kind."""
    outcomes: tuple[str, ...] = ()
    """The values it may give `branch_taken`; empty where it never sets it."""
    reference_keys: tuple[str, ...] = ()
    """Config keys whose text is a reference without braces, for `ActionAttempt.lookup`."""
    result_key: str = ""
    """Config key of an object that is the result as it stands; empty: there is none."""
    constraints: tuple[Constraint, ...] = ()
    """JSON Schemas that a config as a whole must fit; see the module of that name."""

    def __post_init__(self) -> None:
        if not TYPE_PATTERN.fullmatch(self.type) or len(self.type) > MAX_TYPE_LENGTH:
            raise ActionDefinitionError(
                f"action type {self.type!r}: a type begins with a lower case letter and has up to "
                f"{MAX_TYPE_LENGTH} lower case letters, digits and underscores"
            )
        if self.kind not in get_args(ActionKind):
            raise ActionDefinitionError(
                f"action type {self.type}: {self.kind!r} is not one of the kinds "
                f"{', '.join(get_args(ActionKind))}"
            )

    @property
    def returned(self) -> StructType | None:
        """The struct that the action itself returns; None: any object."""
        return self.request or self.result

    @property
    def action_type(self) -> ActionType:
        """The form that is published, with JSON Schemas that need no other document."""
        return ActionType(
            type=self.type,
            title=self.title,
            kind=self.kind,
            description=self.description,
            limits=self.limits,
            outcomes=self.outcomes,
            reference_keys=self.reference_keys,
            result_key=self.result_key,
            config_schema=json_schema(self.config, self.constraints),
            result_schema={"type": "object"} if self.result is None else json_schema(self.result),
        )
