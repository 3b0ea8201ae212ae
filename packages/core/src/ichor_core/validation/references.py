"""Issues of the references in a graph's configs."""

from collections.abc import Collection, Iterator, Mapping

from ichor_core.action_type import ActionType
from ichor_core.errors import TemplateError
from ichor_core.explain import suggest
from ichor_core.expressions.paths import TRIGGER, ReferenceTarget, target_of
from ichor_core.expressions.references import FoundReference, references_and_faults
from ichor_core.graph.definition import ActionNode
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.traversal import DepthFirst
from ichor_core.validation.issues import Issue, IssueList, error_of, warning_of
from ichor_core.validation.near_names import NearNames
from ichor_core.validation.result_fields import why_no_field
from ichor_core.validation.skipping import Pair, SkipSearch
from ichor_core.validation.upstream import not_upstream

MAX_REFERENCES = 100_000
"""Most references in one graph."""
MAX_PATH_SHOWN = 12
"""Most actions of a path that a message names."""

Place = tuple[str | None, str]
"""The id of an action and a JSON path into its config."""


class ReferenceCheck:
    """Checks the references of all actions of a graph.

    Args:
        executor: the graph.
        types: the types of its actions, as far as they are known.
        trigger_fields: the fields of events, where they are known.
        said: places of which something has been said already.
    """

    def __init__(
        self,
        executor: GraphExecutor,
        types: Mapping[str, ActionType],
        trigger_fields: Collection[str] | None,
        said: set[Place],
    ) -> None:
        self._executor = executor
        self._types = types
        self._trigger_fields = trigger_fields
        self._said = set(said)
        self._names = {action.name: number for number, action in enumerate(executor.actions)}
        self._near = NearNames(sorted(self._names))
        self._found: list[tuple[int, FoundReference, ReferenceTarget]] = []
        self._not_upstream: set[Pair] = set()
        self._skipped: dict[Pair, list[int]] = {}

    def add_to(self, issues: IssueList) -> None:
        """Add the issues, in the order of the actions."""
        if not self._read(issues):
            return
        self._search()
        for number, reference, target in self._found:
            action = self._executor.actions[number]
            if (action.id, reference.path) in self._said:
                continue
            if target.action is None:
                self._check_trigger(issues, action, reference, target)
            else:
                self._check_result(issues, number, reference, target)

    def _read(self, issues: IssueList) -> bool:
        """Collect the references; say whether there are any, and not too many."""
        for number, action in enumerate(self._executor.actions):
            spec = self._types.get(action.action_type)
            keys = spec.reference_keys if spec else ()
            for one in references_and_faults(action.config, keys):
                if not isinstance(one, TemplateError):
                    self._found.append((number, one, target_of(one.reference, self._names)))
                elif (action.id, one.path) not in self._said:
                    message = f"{action.name!r}: {one.message}"
                    issues.add(error_of("invalid_template", message, action, None, one.path))
                    self._said.add((action.id, one.path))
                if len(self._found) > MAX_REFERENCES:
                    message = f"the graph has more than {MAX_REFERENCES} references"
                    issues.add(error_of("invalid_template", message, action))
                    issues.leave_out()
                    return False
        return bool(self._found)

    def _search(self) -> None:
        """Find what is not upstream and what may be skipped, for all references at once."""
        executor = self._executor
        walk = DepthFirst(executor.targets, executor.start_targets)
        pairs: dict[Pair, bool] = {}
        for number, reference, target in self._found:
            if target.action is not None:
                pair = number, self._names[target.action]
                pairs[pair] = pairs.get(pair, False) or not reference.has_default
        self._not_upstream = not_upstream(executor.targets, walk, pairs)
        alone = [len(walk.parts[part]) == 1 for part in walk.part]
        search = SkipSearch(executor, walk.backward_edges())
        self._skipped = search.find(
            pair
            for pair, needed in pairs.items()
            if needed and pair not in self._not_upstream and alone[pair[0]] and alone[pair[1]]
        )

    def _check_result(
        self, issues: IssueList, number: int, reference: FoundReference, target: ReferenceTarget
    ) -> None:
        assert target.action is not None
        action, read = self._executor.actions[number], self._names[target.action]
        if (number, read) in self._not_upstream:
            where = "itself" if read == number else f"{target.action!r}, which does not precede it"
            issues.add(
                error_of(
                    "reference_not_upstream",
                    f"{action.name!r} reads the result of {where}; an action sees only "
                    "results of actions that completed on the way to it",
                    action,
                    None,
                    reference.path,
                )
            )
        elif not reference.has_default and (number, read) in self._skipped:
            issues.add(self._may_be_skipped(number, read, reference))
        if issues.has_room("warning"):
            issues.extend(
                _field_issues(action, reference, target, self._executor.actions[read], self._types)
            )
        else:
            issues.leave_out()

    def _may_be_skipped(self, number: int, read: int, reference: FoundReference) -> Issue:
        actions = self._executor.actions
        action = actions[number]
        path = self._skipped[number, read]
        steps = ["start", *(actions[step].name for step in path)]
        if len(steps) > MAX_PATH_SHOWN:
            steps = [*steps[: MAX_PATH_SHOWN // 2], "…", *steps[-MAX_PATH_SHOWN // 2 :]]
        where = f"the path {' → '.join(steps)}" if path else "some path (not searched)"
        return warning_of(
            "reference_may_be_skipped",
            f"{action.name!r} reads {actions[read].name!r}, which is skipped on {where}; "
            + (
                "put its default filter first: the one before it fails where the value is missing"
                if reference.has_late_default
                else "add a default filter"
            ),
            action,
            reference.path,
        )

    def _check_trigger(
        self,
        issues: IssueList,
        action: ActionNode,
        reference: FoundReference,
        target: ReferenceTarget,
    ) -> None:
        if not target.path:
            return
        field, whole = target.path[0], ".".join(target.path)
        explicit = str(reference.reference).startswith(TRIGGER)
        fields = self._trigger_fields
        if fields is not None:
            if field in fields or whole in fields or reference.has_default:
                return
            if not issues.has_room("error"):
                issues.add_unlisted("error")
                return
            known = sorted([*fields, *(() if explicit else self._names)])
            issues.add(
                error_of(
                    "unknown_reference",
                    f"{action.name!r} reads {field!r}, which is neither an action nor a trigger "
                    f"field; {suggest(field, known)}",
                    action,
                    None,
                    reference.path,
                )
            )
        elif not explicit and (near := self._near.find(field)) is not None:
            issues.add(
                warning_of(
                    "unknown_reference",
                    f"{action.name!r} reads {field!r}, which is not an action and so counts as a "
                    f"trigger field; did you mean {near!r}?",
                    action,
                    reference.path,
                )
            )


def _field_issues(
    action: ActionNode,
    reference: FoundReference,
    target: ReferenceTarget,
    source: ActionNode,
    types: Mapping[str, ActionType],
) -> Iterator[Issue]:
    described = types.get(source.action_type)
    if described is None or (reference.has_default and not reference.in_condition):
        return
    reason = why_no_field(described, source.config, target.path)
    if reason is not None:
        null = ", so it counts as null" if reference.in_condition else ""
        yield warning_of(
            "unknown_result_field",
            f"{action.name!r} reads '{reference.reference}', which the result of {source.name!r} "
            f"({source.action_type}) does not have{null}: {reason}",
            action,
            reference.path,
        )
