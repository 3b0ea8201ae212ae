"""Runs one attempt of an action, from the config with its templates to the checked result."""

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import msgspec

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.durations import MAX_DURATION
from ichor_actions.definition.spec import ActionSpec
from ichor_actions.errors import ConfigError, RefusedError, ResultError
from ichor_actions.registry import Registry
from ichor_actions.types.approval import ApprovalDraft
from ichor_actions.types.approval_form import check_form
from ichor_core.contract import ActionActivityInput, check_policy
from ichor_core.errors import ExactJsonError, InvalidInputError
from ichor_core.exact_json import check_storable
from ichor_core.explain import explain
from ichor_core.expressions import MergedContext, resolve_templates


async def execute_action(
    registry: Registry, call: ActionActivityInput, number: int = 1
) -> dict[str, Any]:
    """Run one attempt of an action and return its result as plain JSON data.

    An action of kind async or human returns its request.

    Args:
        registry: the action types that are known.
        call: the action, its config with templates, and the values that these reference.
        number: of the attempt, from 1.

    Raises:
        ActionError: see `ichor_actions.errors`.
        InvalidInputError: a template that finds nothing, a condition that cannot compare.
    """
    action = registry.get(call.action_type)
    config = _convert(
        action.spec, _resolve(call.config, action.spec.reference_keys, call.context, "$")
    )
    attempt = ActionAttempt(
        execution_id=call.execution_id,
        rule_id=call.rule_id,
        action_id=call.action_id,
        action_name=call.action_name,
        action_type=call.action_type,
        number=number,
        visit=call.visit,
        context=call.context,
        written=call.config,
    )
    return plain_result(action.spec, await action.execute(config, attempt))


async def ask_people(
    registry: Registry, call: ActionActivityInput, number: int = 1
) -> ApprovalDraft:
    """Run the handler of a human action and return its question to people.

    Raises:
        ActionError: as `execute_action`; an invalid form, a policy that could never be fulfilled.
        InvalidInputError: as `execute_action`.
    """
    if registry.get(call.action_type).spec.kind != "human":
        raise RefusedError(f"{call.action_type} is not a human action on this worker")
    plain = await execute_action(registry, call, number)
    try:
        draft = msgspec.convert(plain, ApprovalDraft)
    except msgspec.ValidationError as error:
        raise ResultError(
            f"{call.action_type} returned an invalid ApprovalDraft: {error}"
        ) from error
    if not timedelta(0) < draft.deadline <= MAX_DURATION:
        raise ResultError(
            f"{call.action_type} returned an invalid ApprovalDraft: "
            "deadline must be above zero and at most a year"
        )
    check_form(draft.form, "$.form")
    try:
        check_policy(
            draft.approvers, draft.policy, draft.needed, draft.requester, draft.allow_requester
        )
    except InvalidInputError as error:
        raise ConfigError(error.message, error.path) from error
    return draft


def _resolve(value: Any, keys: Collection[str], context: MergedContext, path: str) -> Any:
    """Resolve templates, but leave alone what stands under reference keys.

    A reference is part of the graph: the values that an action reads are known before it runs, so
    data must not choose them.
    """
    if keys and isinstance(value, dict):
        return {
            key: inner
            if key in keys and isinstance(inner, str)
            else _resolve(inner, keys, context, f"{path}.{key}")
            for key, inner in cast(dict[str, Any], value).items()
        }
    if keys and isinstance(value, list):
        items = cast(list[Any], value)
        return [_resolve(inner, keys, context, f"{path}[{n}]") for n, inner in enumerate(items)]
    return resolve_templates(value, context, path)


def _convert(spec: ActionSpec, config: Any) -> Any:
    try:
        return msgspec.convert(config, spec.config)
    except msgspec.ValidationError as error:
        message, path = explain(str(error), spec.config, config)
        raise ConfigError(message, path or "$") from error


def plain_result(spec: ActionSpec, result: Any) -> dict[str, Any]:
    """Return the value that an action returned as plain JSON data; None as an empty object.

    Decimals stay decimals; dates and ids become text.

    Raises:
        ResultError: it is not of the type's struct, or cannot be stored.
    """
    expected = spec.returned
    if expected is not None and not isinstance(result, expected):
        raise ResultError(f"{spec.type} returned {type(result).__name__}, not {expected.__name__}")
    try:
        plain: Any = msgspec.to_builtins(result, builtin_types=(Decimal,))
        check_storable(plain)
    except ExactJsonError as error:
        raise ResultError(f"the result of {spec.type}: {error}") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise ResultError(f"the result of {spec.type} is not plain data: {error}") from error
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise ResultError(f"{spec.type} returned {type(result).__name__}, not an object")
    entries = cast(dict[str, Any], plain)
    if "branch_taken" in entries and entries["branch_taken"] not in spec.outcomes:
        known = ", ".join(spec.outcomes) or "none"
        raise ResultError(
            f"{spec.type} set branch_taken to {entries['branch_taken']!r}; its outcomes are {known}"
        )
    return entries
