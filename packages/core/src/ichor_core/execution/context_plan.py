"""Which results and trigger fields an action reads, found in its config without running it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

from msgspec import Struct

from ichor_core.action_type import ActionPolicy
from ichor_core.errors import TemplateError
from ichor_core.expressions.context import MergedContext
from ichor_core.expressions.paths import Reference, parse_reference, target_of
from ichor_core.expressions.syntax import find_expressions
from ichor_core.graph.definition import ActionNode
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.traversal import topological_order


class FoundReference(Struct, frozen=True):
    """A reference and where it stands."""

    path: str
    """JSON path into the config."""
    reference: Reference
    has_default: bool
    """Whether a missing value is provided for; a condition treats it as null."""
    in_condition: bool = False
    """Whether it stands without braces, under a reference key."""


def find_references(
    config: Mapping[str, Any], reference_keys: Collection[str] = ()
) -> Iterator[FoundReference]:
    """Yield every reference of a config: in templates, and as text under the reference keys.

    Raises:
        TemplateError: with the place of the text that does not parse.
    """
    for path, expression in find_expressions(config):
        if expression.literal is None:
            yield FoundReference(path, expression.head, expression.has_default)
    if reference_keys:
        yield from _bare(config, reference_keys, "$")


def _bare(value: Any, keys: Collection[str], path: str) -> Iterator[FoundReference]:
    if isinstance(value, Mapping):
        for key, inner in cast(Mapping[str, Any], value).items():
            place = f"{path}.{key}"
            if key in keys and isinstance(inner, str):
                try:
                    yield FoundReference(place, parse_reference(inner), True, True)
                except TemplateError as error:
                    raise TemplateError(error.message, place) from None
            else:
                yield from _bare(inner, keys, place)
    elif isinstance(value, list):
        for index, inner in enumerate(cast(list[Any], value)):
            yield from _bare(inner, keys, f"{path}[{index}]")


def ancestor_masks(executor: GraphExecutor) -> list[int]:
    """Return, by number, the ancestors of each action as the bits of an integer."""
    masks = [0] * len(executor.actions)
    for number in topological_order(executor.targets):
        below = masks[number] | (1 << number)
        for target in executor.targets[number]:
            masks[target] |= below
    return masks


MAX_FIELDS_NAMED = 20


class Needs(Struct, frozen=True):
    """What travels to one action, besides its config."""

    actions: tuple[str, ...] = ()
    """Names of ancestors whose results it references, sorted."""
    others: tuple[str, ...] = ()
    """Names of other actions it references: they never give it a result."""
    trigger_fields: tuple[tuple[str, str], ...] = ()
    """Trigger fields it references, sorted: the first key of the path, and the whole path, since a
    field's own name may have dots."""
    whole_trigger: bool = False

    def context(
        self, trigger_data: Mapping[str, Any], results: Mapping[str, dict[str, Any]]
    ) -> MergedContext:
        """Return what the action sees, given the results of completed actions by name."""
        seen: dict[str, Any] = dict(trigger_data) if self.whole_trigger else {}
        instead: list[str] = []
        for first, whole in self.trigger_fields:
            name = whole if whole in trigger_data else first
            if name in trigger_data:
                seen[name] = trigger_data[name]
            else:
                instead = sorted(trigger_data)[:MAX_FIELDS_NAMED]
        return MergedContext(
            seen,
            {name: results[name] for name in self.actions if name in results},
            [*(name for name in self.actions if name not in results), *self.others],
            instead,
        )


class ContextPlan:
    """What each action of a graph reads; made once for each run.

    Args:
        executor: the graph.
        policies: how the types of its actions run; only their reference keys are looked at.
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
        masks = ancestor_masks(executor)
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
        """Return what the action with this number reads."""
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
