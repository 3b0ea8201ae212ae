"""Context plans: the results and trigger fields that each action of a graph reads."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ichor_core.action_type import ActionPolicy
from ichor_core.errors import TemplateError
from ichor_core.explain import MAX_LISTED
from ichor_core.expressions.context import MergedContext
from ichor_core.expressions.paths import target_of
from ichor_core.expressions.references import find_references
from ichor_core.graph.definition import ActionNode
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.traversal import ancestor_masks


class Needs(Struct, frozen=True):
    """The part of the context that one action reads."""

    actions: tuple[str, ...] = ()
    """Names of ancestors whose results it references, sorted."""
    others: tuple[str, ...] = ()
    """Names of other referenced actions: they never give it a result."""
    trigger_fields: tuple[tuple[str, str], ...] = ()
    """Trigger fields it references, sorted: the first key of the path, and the whole path, since a
    field's own name may have dots."""
    whole_trigger: bool = False

    def context(
        self, trigger_data: Mapping[str, Any], results: Mapping[str, dict[str, Any]]
    ) -> MergedContext:
        """Return the context of the action, given the results of completed actions by name."""
        seen: dict[str, Any] = dict(trigger_data) if self.whole_trigger else {}
        existing: list[str] = []
        for first, whole in self.trigger_fields:
            name = whole if whole in trigger_data else first
            if name in trigger_data:
                seen[name] = trigger_data[name]
            else:
                existing = sorted(trigger_data)[:MAX_LISTED]
        return MergedContext(
            seen,
            {name: results[name] for name in self.actions if name in results},
            [*(name for name in self.actions if name not in results), *self.others],
            existing,
        )


class ContextPlan:
    """The needs of each action of a graph; made once for each run.

    Args:
        executor: the graph.
        policies: the policies of its action types; only their reference keys are read.
        outer: names of actions outside this graph that ran before all of it, or never will.
    """

    def __init__(
        self,
        executor: GraphExecutor,
        policies: Mapping[str, ActionPolicy],
        outer: Collection[str] = (),
    ) -> None:
        self._needs: dict[int, Needs] = {}
        names = dict.fromkeys(outer, _OUTSIDE)
        names.update((action.name, number) for number, action in enumerate(executor.actions))
        found = {
            number: targets
            for number, action in enumerate(executor.actions)
            if (targets := _targets(action, policies.get(action.action_type), names))
        }
        if not found:
            return
        masks = ancestor_masks(executor.targets)
        for number, targets in found.items():
            actions, others, fields = set[str](), set[str](), set[tuple[str, str]]()
            whole = False
            for action, path in targets:
                if action is not None:
                    read = names[action]
                    upstream = read == _OUTSIDE or masks[number] >> read & 1
                    (actions if upstream else others).add(action)
                elif path:
                    fields.add((path[0], ".".join(path)))
                else:
                    whole = True
            self._needs[number] = Needs(
                tuple(sorted(actions)), tuple(sorted(others)), tuple(sorted(fields)), whole
            )

    def needs(self, number: int) -> Needs:
        """Return the needs of the action with this number."""
        return self._needs.get(number, _NOTHING)

    def readers(self) -> dict[str, list[int]]:
        """Return, by the name of an action, the numbers of the actions that read its result."""
        readers: dict[str, list[int]] = {}
        for number, needs in self._needs.items():
            for name in needs.actions:
                readers.setdefault(name, []).append(number)
        return readers


_NOTHING = Needs()
_OUTSIDE = -1


def _targets(
    action: ActionNode, policy: ActionPolicy | None, names: Collection[str]
) -> Sequence[tuple[str | None, tuple[str, ...]]]:
    targets: list[tuple[str | None, tuple[str, ...]]] = []
    try:
        for found in find_references(action.config, policy.reference_keys if policy else ()):
            target = target_of(found.reference, names)
            targets.append((target.action, target.path))
    except TemplateError:
        # The action itself fails with this error when it runs, and says where; here it would
        # bring down the whole execution.
        return targets
    return targets
