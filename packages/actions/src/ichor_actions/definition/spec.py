"""The description of an action type, from which its published form follows."""

import re
from typing import get_args

from msgspec import Struct

from ichor_actions.definition.constraints import Rule
from ichor_actions.definition.json_schema import json_schema
from ichor_actions.errors import ActionDefinitionError
from ichor_core.action_type import ActionKind, ActionType
from ichor_core.limits import Limits

TYPE_PATTERN = re.compile(r"[a-z][a-z0-9_]*")
MAX_TYPE_LENGTH = 100

StructType = type[Struct]


class ActionSpec(Struct, frozen=True, kw_only=True):
    """What an action type is called, how it runs, what it takes and what it gives.

    Raises:
        ActionDefinitionError: the type's name or kind cannot be one.
    """

    type: str
    """Its name in graphs: lower case letters, digits and `_`."""
    title: str
    """Its name for people."""
    kind: ActionKind
    config: StructType
    """What `action_config` is converted to once its templates are resolved."""
    result: StructType | None = None
    """What it returns; None: any object."""
    answer: StructType | None = None
    """What becomes the result, where another than the action gives it: a person, a system that
    replies. What the action returns is then what they are asked."""
    description: str = ""
    limits: Limits = Limits()
    """Timeouts and retries that differ from those of its kind."""
    outcomes: tuple[str, ...] = ()
    """The values it may give `branch_taken`; empty where it never sets it."""
    reference_keys: tuple[str, ...] = ()
    """Config keys whose text is a reference without braces, for `ActionRun.lookup`."""
    result_key: str = ""
    """Config key of an object that is the result as it stands; empty: there is none."""
    rules: tuple[Rule, ...] = ()
    """What a config must fit besides its fields, by which graphs are checked: see
    `ichor_actions.definition.constraints`."""

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
    def action_type(self) -> ActionType:
        """The form that is published, with JSON Schemas that need no other document."""
        result = self.answer or self.result
        return ActionType(
            type=self.type,
            title=self.title,
            kind=self.kind,
            description=self.description,
            limits=self.limits,
            outcomes=self.outcomes,
            reference_keys=self.reference_keys,
            result_key=self.result_key,
            config_schema=json_schema(self.config, self.rules),
            result_schema={"type": "object"} if result is None else json_schema(result),
        )
