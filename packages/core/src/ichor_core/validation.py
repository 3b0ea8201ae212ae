"""Checks a graph and returns everything that is wrong with it, at once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal

from msgspec import Struct

from ichor_core.action_type import ActionType
from ichor_core.convergence import reachable
from ichor_core.cycles import describe, find_cycles
from ichor_core.errors import TemplateError
from ichor_core.executor import GraphExecutor
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import ActionId, EdgeId
from ichor_core.references import FoundReference, ancestor_masks, find_references
from ichor_core.skipping import SkipWitness
from ichor_core.template_syntax import TRIGGER, Target, target_of

IssueCode = Literal[
    "no_start",
    "unknown_source",
    "unknown_target",
    "start_with_source",
    "missing_source",
    "duplicate_edge",
    "self_edge",
    "cycle",
    "unreachable_action",
    "duplicate_action_id",
    "duplicate_edge_id",
    "duplicate_action_name",
    "unknown_action_type",
    "invalid_config",
    "invalid_template",
    "unknown_reference",
    "reference_not_upstream",
    "reference_may_be_skipped",
    "branch_never_taken",
    "name_hides_trigger_field",
]

CheckConfig = Callable[[ActionType, dict[str, Any]], Iterable[tuple[str, str]]]
"""Yields (JSON path into the config, message) for each fault of a config."""


class Issue(Struct, frozen=True, omit_defaults=True):
    """One finding about a graph."""

    code: IssueCode
    severity: Literal["error", "warning"]
    message: str
    """What is wrong and what to do, for the user who drew the graph."""
    action_id: ActionId | None = None
    edge_id: EdgeId | None = None
    path: str = ""
    """JSON path into the action's config, where the issue is there."""


def validate(
    graph: GraphDefinition,
    types: Mapping[str, ActionType] | None = None,
    *,
    check_config: CheckConfig | None = None,
    trigger_fields: Collection[str] | None = None,
) -> list[Issue]:
    """Return every issue of a graph; never raises.

    Args:
        graph: any graph.
        types: the action types that exist; without them, types and configs are not checked.
        check_config: how a config is held against its type.
        trigger_fields: the fields that events have; without them, a reference to no action is
            taken for a trigger field.

    Returns:
        Errors first, in the order: graph, edges, actions; the same list for the same graph
        however it was stored.
    """
    executor = GraphExecutor(graph)
    issues = [
        *_edge_issues(graph, executor),
        *_name_issues(graph, trigger_fields),
        *_path_issues(executor),
    ]
    if types is not None:
        issues.extend(_type_issues(executor, types, check_config))
    acyclic = not any(issue.code in ("cycle", "self_edge") for issue in issues)
    issues.extend(_reference_issues(executor, types or {}, trigger_fields, acyclic=acyclic))
    return sorted(issues, key=lambda issue: issue.severity)


def _error(
    code: IssueCode,
    message: str,
    action: ActionNode | None = None,
    edge: ActionEdge | None = None,
    path: str = "",
) -> Issue:
    return Issue(
        code, "error", message, action.id if action else None, edge.id if edge else None, path
    )


def _warning(code: IssueCode, message: str, action: ActionNode, path: str = "") -> Issue:
    return Issue(code, "warning", message, action.id, None, path)


def _edge_issues(graph: GraphDefinition, executor: GraphExecutor) -> Iterator[Issue]:
    names = {action.id: action.name for action in executor.actions}
    if not any(edge.source_action_id is None for edge in graph.edges):
        yield _error(
            "no_start", "nothing starts the graph: add an edge of type start to its first action"
        )
    seen: set[tuple[str | None, str, str]] = set()
    ids: set[str] = set()
    for edge in sorted(graph.edges, key=lambda edge: (edge.id, edge.sort_order)):
        source, target = edge.source_action_id, edge.target_action_id
        if target not in names:
            yield _error("unknown_target", f"the edge leads to no action: {target}", None, edge)
        if source is not None and source not in names:
            yield _error("unknown_source", f"the edge comes from no action: {source}", None, edge)
        if source is not None and edge.edge_type == "start":
            yield _error(
                "start_with_source",
                f"an edge of type start has no source, but this one comes from "
                f"{names.get(source, source)!r}",
                None,
                edge,
            )
        if source is None and edge.edge_type != "start":
            yield _error(
                "missing_source",
                f"an edge of type {edge.edge_type} needs a source; without one its type is start",
                None,
                edge,
            )
        if source == target:
            yield _error("self_edge", f"{names.get(target, target)!r} leads to itself", None, edge)
        key = (source, target, edge.edge_type)
        if key in seen:
            yield _error(
                "duplicate_edge",
                f"a second {edge.edge_type} edge from "
                f"{names.get(source, source) if source else 'the start'!r} to "
                f"{names.get(target, target)!r}",
                None,
                edge,
            )
        elif edge.id in ids:
            yield _error("duplicate_edge_id", f"two edges have the id {edge.id}", None, edge)
        seen.add(key)
        ids.add(edge.id)


def _name_issues(graph: GraphDefinition, trigger_fields: Collection[str] | None) -> Iterator[Issue]:
    ids: set[ActionId] = set()
    names: set[str] = set()
    for action in sorted(graph.actions, key=lambda action: (action.id, action.name)):
        if action.id in ids:
            yield _error("duplicate_action_id", f"two actions have the id {action.id}", action)
            continue
        if action.name in names:
            yield _error(
                "duplicate_action_name",
                f"two actions are named {action.name!r}; templates could not tell them apart",
                action,
            )
        ids.add(action.id)
        names.add(action.name)
        if action.name == TRIGGER:
            yield _warning(
                "name_hides_trigger_field",
                f"{TRIGGER!r} always means the trigger data in templates, so the result of this "
                f'action can be read as {{{{ "{TRIGGER}" }}}} only',
                action,
            )
        elif trigger_fields and action.name in trigger_fields:
            yield _warning(
                "name_hides_trigger_field",
                f"{action.name!r} is also a trigger field: {{{{{action.name}}}}} means the "
                f"action's result, {{{{trigger.{action.name}}}}} the field",
                action,
            )


def _path_issues(executor: GraphExecutor) -> Iterator[Issue]:
    actions = executor.actions
    targets = [
        [target for target in targets if target != source]
        for source, targets in enumerate(executor.targets)
    ]
    for cycle in find_cycles(targets):
        path = describe(actions[number].name for number in cycle)
        yield _error("cycle", f"the graph goes round in a circle: {path}", actions[cycle[0]])
    if executor.start_targets:
        found = reachable(targets, executor.start_targets)
        for number, action in enumerate(actions):
            if number not in found:
                yield _error(
                    "unreachable_action",
                    f"no edge leads from the start to {action.name!r}, so it would never run",
                    action,
                )


def _type_issues(
    executor: GraphExecutor, types: Mapping[str, ActionType], check_config: CheckConfig | None
) -> Iterator[Issue]:
    for number, action in enumerate(executor.actions):
        spec = types.get(action.action_type)
        if spec is None:
            near = get_close_matches(action.action_type, types, 1)
            known = ", ".join(sorted(types)) or "none; is a worker running?"
            hint = f"did you mean {near[0]}?" if near else f"known: {known}"
            yield _error(
                "unknown_action_type", f"no action type {action.action_type!r}; {hint}", action
            )
            continue
        for path, message in check_config(spec, action.config) if check_config else ():
            yield _error("invalid_config", f"{action.name!r}: {message}", action, None, path)
        for edge in executor.outgoing[number]:
            branch = edge.edge_type in ("true_branch", "false_branch")
            if branch and edge.edge_type not in spec.outcomes:
                yield Issue(
                    "branch_never_taken",
                    "warning",
                    f"the {edge.edge_type} out of {action.name!r} is never taken: "
                    f"{action.action_type} does not set branch_taken to it",
                    action.id,
                    edge.id,
                )


def _reference_issues(
    executor: GraphExecutor,
    types: Mapping[str, ActionType],
    trigger_fields: Collection[str] | None,
    *,
    acyclic: bool,
) -> Iterator[Issue]:
    names = {action.name: number for number, action in enumerate(executor.actions)}
    found: list[tuple[int, FoundReference, Target]] = []
    for number, action in enumerate(executor.actions):
        spec = types.get(action.action_type)
        try:
            found.extend(
                (number, one, target_of(one.reference, names))
                for one in find_references(action.config, spec.reference_keys if spec else ())
            )
        except TemplateError as error:
            yield _error(
                "invalid_template", f"{action.name!r}: {error.message}", action, None, error.path
            )
    if not found:
        return
    masks = ancestor_masks(executor) if acyclic else []
    witness = SkipWitness(executor) if acyclic else None
    for number, reference, target in found:
        action = executor.actions[number]
        if target.action is None:
            yield from _trigger_issues(action, reference, target, trigger_fields, names)
        elif witness is not None:
            read = names[target.action]
            if not masks[number] >> read & 1:
                where = "itself" if read == number else f"{target.action!r}, which is not before it"
                yield _error(
                    "reference_not_upstream",
                    f"{action.name!r} reads the result of {where}; an action sees only what "
                    "completed on the way to it",
                    action,
                    None,
                    reference.path,
                )
            elif not reference.has_default and (path := witness.find(number, read)):
                way = " → ".join(["start", *(executor.actions[step].name for step in path)])
                yield _warning(
                    "reference_may_be_skipped",
                    f"{action.name!r} reads {target.action!r}, which is skipped on the path {way}; "
                    f"add a default filter",
                    action,
                    reference.path,
                )


def _trigger_issues(
    action: ActionNode,
    reference: FoundReference,
    target: Target,
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
        known = [*trigger_fields, *(() if explicit else names)]
        near = get_close_matches(field, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known)[:20])}"
        yield _error(
            "unknown_reference",
            f"{action.name!r} reads {field!r}, which is no action and no trigger field; {hint}",
            action,
            None,
            reference.path,
        )
    elif not explicit and (near := get_close_matches(field, names, 1, 0.8)):
        yield _warning(
            "unknown_reference",
            f"{action.name!r} reads {field!r}, which is no action and so taken for a trigger field;"
            f" did you mean {near[0]!r}?",
            action,
            reference.path,
        )
