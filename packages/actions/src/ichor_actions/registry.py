"""The action types of a worker, and their discovery by entry points."""

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from ichor_actions.definition.action import Action, check_action, source_of
from ichor_actions.errors import ActionDefinitionError, UnknownActionTypeError
from ichor_actions.resources import Resources
from ichor_core.action_type import ActionType

ENTRY_POINT_GROUP = "ichor.actions"
"""The entry point group in which distributions declare their actions."""


class Registry:
    """Actions by type.

    Args:
        actions: one for each type.

    Raises:
        ActionDefinitionError: an object that is not an action; two actions of one type.
    """

    def __init__(self, actions: Iterable[Action]) -> None:
        self._actions: dict[str, Action] = {}
        for item in map(check_action, actions):
            other = self._actions.setdefault(item.spec.type, item)
            if other is not item:
                raise ActionDefinitionError(
                    f"two actions have the type {item.spec.type!r}: "
                    f"{source_of(other)} and {source_of(item)}"
                )

    def get(self, action_type: str) -> Action:
        """Return the action of a type.

        Raises:
            UnknownActionTypeError: there is none.
        """
        found = self._actions.get(action_type)
        if found is None:
            raise UnknownActionTypeError(action_type)
        return found

    def types(self) -> list[ActionType]:
        """Return the published form of every type, sorted by type."""
        return [self._actions[name].spec.action_type for name in sorted(self._actions)]


def discover(resources: Resources) -> list[Action]:
    """Return the actions that installed distributions declare as entry points `ichor.actions`.

    An entry point names an action, or a function that takes the resources and returns actions.
    They are taken in the order of their names.

    Raises:
        ActionDefinitionError: an entry point cannot be loaded; the message names it.
    """
    points = sorted(
        entry_points(group=ENTRY_POINT_GROUP), key=lambda point: (point.name, point.value)
    )
    return [item for point in points for item in _load(point, resources)]


def _load(point: EntryPoint, resources: Resources) -> list[Action]:
    try:
        loaded: Any = point.load()
        if isinstance(loaded, Action) and not isinstance(loaded, type):
            return [check_action(loaded)]
        make = cast(Callable[[Resources], Iterable[Any]], loaded)
        return [check_action(item) for item in make(resources)]
    except Exception as error:
        raise ActionDefinitionError(
            f"entry point {point.name!r} ({point.value}) of {ENTRY_POINT_GROUP} failed: {error!r}"
        ) from error
