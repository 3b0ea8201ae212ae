"""Graph checks: every issue of a graph, at once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from ichor_core.action_type import ActionType
from ichor_core.explain import MAX_SHOWN, suggest
from ichor_core.expressions.paths import TRIGGER
from ichor_core.graph.definition import GraphDefinition
from ichor_core.graph.edge_types import START
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.traversal import find_cycles, reachable
from ichor_core.ids import ActionId
from ichor_core.validation.issues import Issue, IssueList, error_of, warning_of
from ichor_core.validation.references import Place, ReferenceCheck

CheckConfig = Callable[[ActionType, dict[str, Any]], Iterable[tuple[str, str]]]
"""Yields (JSON path into the config, message) for each fault of a config."""


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
        check_config: checks a config against its type.
        trigger_fields: the fields of events; without them, a reference that names no action counts
            as a trigger field.

    Returns:
        Errors first, in the order: graph, edges, actions; the same list for the same graph
        in any order of storage. Of more than `MAX_ISSUES` the last says how many are left out.
    """
    executor = GraphExecutor(graph)
    issues = IssueList()
    issues.extend(_edge_issues(graph, executor))
    issues.extend(_name_issues(graph, trigger_fields))
    issues.extend(_path_issues(executor))
    said: set[Place] = set()
    if types is not None:
        for issue in _type_issues(executor, types, check_config):
            issues.add(issue)
            if issue.path:
                said.add((issue.action_id, issue.path))
    ReferenceCheck(executor, types or {}, trigger_fields, said).add_to(issues)
    return issues.listed()


def _edge_issues(graph: GraphDefinition, executor: GraphExecutor) -> Iterator[Issue]:
    names = {action.id: action.name for action in executor.actions}
    if not any(edge.source_action_id is None for edge in graph.edges):
        yield error_of(
            "no_start", f"the graph has no start: add an edge of type {START} to its first action"
        )
    seen: set[tuple[str | None, str, str]] = set()
    ids: set[str] = set()
    for edge in sorted(graph.edges, key=lambda edge: (edge.id, edge.sort_order)):
        source, target = edge.source_action_id, edge.target_action_id
        if target not in names:
            yield error_of("unknown_target", f"target {target} is not in this graph", None, edge)
        if source is not None and source not in names:
            yield error_of("unknown_source", f"source {source} is not in this graph", None, edge)
        if source is not None and edge.is_start:
            yield error_of(
                "start_with_source",
                f"an edge of type {edge.edge_type} has no source, but this one comes from "
                f"{names.get(source, source)!r}",
                None,
                edge,
            )
        if source is None and not edge.is_start:
            yield error_of(
                "missing_source",
                f"an edge of type {edge.edge_type} needs a source; one without is of type {START}",
                None,
                edge,
            )
        if source == target:
            yield error_of(
                "self_edge", f"{names.get(target, target)!r} leads to itself", None, edge
            )
        key = (source, target, edge.edge_type)
        if key in seen:
            yield error_of(
                "duplicate_edge",
                f"a second {edge.edge_type} edge from "
                f"{names.get(source, source) if source else 'the start'!r} to "
                f"{names.get(target, target)!r}",
                None,
                edge,
            )
        elif edge.id in ids:
            yield error_of("duplicate_edge_id", f"two edges have the id {edge.id}", None, edge)
        seen.add(key)
        ids.add(edge.id)


def _name_issues(graph: GraphDefinition, trigger_fields: Collection[str] | None) -> Iterator[Issue]:
    ids: set[ActionId] = set()
    names: set[str] = set()
    for action in sorted(graph.actions, key=lambda action: (action.id, action.name)):
        if action.id in ids:
            yield error_of("duplicate_action_id", f"two actions have the id {action.id}", action)
            continue
        if action.name in names:
            yield error_of(
                "duplicate_action_name",
                f"two actions are named {action.name!r}; templates could not tell them apart",
                action,
            )
        ids.add(action.id)
        names.add(action.name)
        if action.name == TRIGGER:
            yield warning_of(
                "name_hides_trigger_field",
                f"{TRIGGER!r} always means the trigger data in templates, so of the result of "
                f'this action only fields can be read, as {{{{"{TRIGGER}".field}}}}',
                action,
            )
        elif trigger_fields and action.name in trigger_fields:
            yield warning_of(
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
        path = " → ".join(actions[number].name for number in [*cycle, cycle[0]])
        yield error_of("cycle", f"the graph has a cycle: {path}", actions[cycle[0]])
    if executor.start_targets:
        found = reachable(targets, executor.start_targets)
        for number, action in enumerate(actions):
            if number not in found:
                yield error_of(
                    "unreachable_action",
                    f"{action.name!r} cannot be reached from the start, so it would never run",
                    action,
                )


def _type_issues(
    executor: GraphExecutor, types: Mapping[str, ActionType], check_config: CheckConfig | None
) -> Iterator[Issue]:
    hints: dict[str, str] = {}
    for number, action in enumerate(executor.actions):
        spec = types.get(action.action_type)
        if spec is None:
            name = action.action_type
            if name not in hints:
                hints[name] = suggest(name, sorted(types))
                hints[name] += "" if types else "; is a worker running?"
            yield error_of(
                "unknown_action_type",
                f"unknown action type {name[:MAX_SHOWN]!r}; {hints[name]}",
                action,
            )
            continue
        for path, message in check_config(spec, action.config) if check_config else ():
            yield error_of("invalid_config", f"{action.name!r}: {message}", action, None, path)
        for edge in executor.outgoing[number]:
            if edge.output is not None and edge.output not in spec.outcomes:
                yield Issue(
                    code="branch_never_taken",
                    severity="warning",
                    message=f"the {edge.edge_type} edge of {action.name!r} is never taken: "
                    f"{action.action_type} never sets branch_taken to {edge.output}",
                    action_id=action.id,
                    edge_id=edge.id,
                )
