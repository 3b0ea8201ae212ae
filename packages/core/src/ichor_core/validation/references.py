"""Issues of the references in a graph's configs."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from ichor_core.action_type import ActionType
from ichor_core.errors import TemplateError
from ichor_core.explain import suggest
from ichor_core.expressions.paths import TRIGGER, ReferenceTarget, target_of
from ichor_core.expressions.references import FoundReference, find_references
from ichor_core.graph.definition import ActionNode
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.traversal import ancestor_masks
from ichor_core.validation.issues import Issue, error_of, warning_of
from ichor_core.validation.result_fields import why_no_field
from ichor_core.validation.skipping import SkipWitness


def reference_issues(
    executor: GraphExecutor,
    types: Mapping[str, ActionType],
    trigger_fields: Collection[str] | None,
    *,
    acyclic: bool,
) -> Iterator[Issue]:
    """Yield the issues of the references of all actions, in the order of the actions."""
    names = {action.name: number for number, action in enumerate(executor.actions)}
    found: list[tuple[int, FoundReference, ReferenceTarget]] = []
    for number, action in enumerate(executor.actions):
        spec = types.get(action.action_type)
        try:
            found.extend(
                (number, one, target_of(one.reference, names))
                for one in find_references(action.config, spec.reference_keys if spec else ())
            )
        except TemplateError as error:
            yield error_of(
                "invalid_template", f"{action.name!r}: {error.message}", action, None, error.path
            )
    if not found:
        return
    masks = ancestor_masks(executor.targets) if acyclic else []
    witness = SkipWitness(executor) if acyclic else None
    for number, reference, target in found:
        action = executor.actions[number]
        if target.action is None:
            yield from _trigger_issues(action, reference, target, trigger_fields, names)
        elif witness is not None:
            read = names[target.action]
            if not masks[number] >> read & 1:
                where = (
                    "itself" if read == number else f"{target.action!r}, which does not precede it"
                )
                yield error_of(
                    "reference_not_upstream",
                    f"{action.name!r} reads the result of {where}; an action sees only "
                    "results of actions that completed on the way to it",
                    action,
                    None,
                    reference.path,
                )
            elif not reference.has_default and (path := witness.find(number, read)):
                way = " → ".join(["start", *(executor.actions[step].name for step in path)])
                yield warning_of(
                    "reference_may_be_skipped",
                    f"{action.name!r} reads {target.action!r}, which is skipped on the path {way}; "
                    f"add a default filter",
                    action,
                    reference.path,
                )
            yield from _field_issues(action, reference, target, executor.actions[read], types)


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


def _trigger_issues(
    action: ActionNode,
    reference: FoundReference,
    target: ReferenceTarget,
    trigger_fields: Collection[str] | None,
    names: Collection[str],
) -> Iterator[Issue]:
    if not target.path:
        return
    field, whole = target.path[0], ".".join(target.path)
    explicit = str(reference.reference).startswith(TRIGGER)
    if trigger_fields is not None:
        if field in trigger_fields or whole in trigger_fields or reference.has_default:
            return
        known = sorted([*trigger_fields, *(() if explicit else names)])
        yield error_of(
            "unknown_reference",
            f"{action.name!r} reads {field!r}, which is neither an action nor a trigger "
            f"field; {suggest(field, known)}",
            action,
            None,
            reference.path,
        )
    elif not explicit and (near := get_close_matches(field, names, 1, 0.8)):
        yield warning_of(
            "unknown_reference",
            f"{action.name!r} reads {field!r}, which is not an action and so counts as a trigger "
            f"field; did you mean {near[0]!r}?",
            action,
            reference.path,
        )
