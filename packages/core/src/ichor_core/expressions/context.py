"""Merged context of an action: trigger data and the results of completed ancestors."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ichor_core.expressions.truncation import truncate


class MergedContext(Struct, omit_defaults=True):
    """Trigger data and results by action name; the flattened view is derived, never sent."""

    trigger_data: dict[str, Any] = field(default_factory=dict[str, Any])
    action_results: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    without_result: list[str] = field(default_factory=list[str])
    """Referenced actions that did not run, so that their names are not read as trigger fields."""

    trigger_fields: list[str] = field(default_factory=list[str])
    """Names of existing trigger fields, for the message about a missing one."""

    @property
    def flattened(self) -> Mapping[str, Any]:
        """Trigger fields, ``name`` and ``name.field`` in one mapping; action names hide fields."""
        flat = dict(self.trigger_data)
        for name, result in self.action_results.items():
            flat[name] = result
            flat.update((f"{name}.{key}", value) for key, value in result.items())
        return flat

    def merge_result(self, action_name: str, result: dict[str, Any]) -> None:
        """Add the result of an action, its large values truncated.

        For programs that embed the core; workflows offload large values instead.
        """
        self.action_results[action_name] = truncate(result)

    def clone(self) -> "MergedContext":
        """Return a copy that can grow apart, for programs that embed the core."""
        return MergedContext(
            dict(self.trigger_data),
            dict(self.action_results),
            list(self.without_result),
            list(self.trigger_fields),
        )
