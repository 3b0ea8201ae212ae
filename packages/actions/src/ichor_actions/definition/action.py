"""Actions: an object with a specification, or a function made into one by `action`."""

import inspect
import typing
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar, cast, runtime_checkable

from msgspec import Struct

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.constraints import Constraint
from ichor_actions.definition.spec import ActionSpec
from ichor_actions.errors import ActionDefinitionError
from ichor_core.action_type import ActionKind
from ichor_core.limits import Limits

C = TypeVar("C", bound=Struct)
R = TypeVar("R")


@runtime_checkable
class Action(Protocol):
    """Runs the nodes of a graph that have its type."""

    @property
    def spec(self) -> ActionSpec:
        """Its type, config and result."""
        ...

    async def execute(self, config: Any, attempt: ActionAttempt) -> Any:
        """Run one attempt; it may be repeated, so the effect must not add up.

        Args:
            config: an instance of `spec.config`.
            attempt: its number, ids, keys, context and logger.

        Returns:
            An instance of `spec.result`; a dict of plain JSON data or None where that is None.
        """
        ...


class FunctionAction(Generic[C, R]):
    """An action made of one function by `action`."""

    def __init__(
        self, spec: ActionSpec, function: Callable[[C, ActionAttempt], Awaitable[R]], source: str
    ) -> None:
        self.spec = spec
        self.source = source
        """Module and name of the function."""
        self._function = function

    async def execute(self, config: C, attempt: ActionAttempt) -> R:
        """Call the function."""
        return await self._function(config, attempt)


def action(  # noqa: PLR0913 - one for each part of the specification
    *,
    type: str,
    title: str,
    kind: ActionKind,
    description: str = "",
    limits: Limits = Limits(),  # noqa: B008 - frozen
    outcomes: tuple[str, ...] = (),
    reference_keys: tuple[str, ...] = (),
    result_key: str = "",
    constraints: tuple[Constraint, ...] = (),
    reply: type[Struct] | None = None,
) -> Callable[[Callable[[C, ActionAttempt], Awaitable[R]]], FunctionAction[C, R]]:
    """Make an action of ``async def name(config: Config, attempt: ActionAttempt) -> Result``.

    Config and result are taken from the annotations: `Config` is a struct; `Result` a struct,
    ``dict[str, Any]`` or None. Without a description the first line of the docstring is taken.

    A function of kind async returns the request to another system; `reply` is the struct of the
    result that the system's reply holds, which becomes the result of the action.

    Raises:
        ActionDefinitionError: the function or its specification cannot be an action.
    """

    def decorate(function: Callable[[C, ActionAttempt], Awaitable[R]]) -> FunctionAction[C, R]:
        config, returned = _signature(function)
        if reply is not None and kind != "async":
            raise ActionDefinitionError(f"{_name(function)}: `reply` is for kind async only")
        spec = ActionSpec(
            type=type,
            title=title,
            kind=kind,
            config=config,
            result=returned if reply is None else reply,
            request=None if reply is None else returned,
            description=description or (inspect.getdoc(function) or "").partition("\n")[0],
            limits=limits,
            outcomes=outcomes,
            reference_keys=reference_keys,
            result_key=result_key,
            constraints=constraints,
        )
        return FunctionAction(spec, function, _name(function))

    return decorate


def _name(item: Any) -> str:
    return f"{item.__module__}.{item.__qualname__}"


def _signature(function: Callable[..., Any]) -> tuple[type[Struct], type[Struct] | None]:
    def wrong(problem: str) -> ActionDefinitionError:
        return ActionDefinitionError(
            f"{_name(function)}: {problem}; an action is written "
            "`async def name(config: Config, attempt: ActionAttempt) -> Result`"
        )

    if not inspect.iscoroutinefunction(function):
        raise wrong("it is not `async def`")
    parameters = list(inspect.signature(function).parameters.values())
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if len(parameters) != 2 or any(one.kind not in positional for one in parameters):
        raise wrong("it does not take exactly a config and an attempt")
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError) as error:
        raise wrong(f"its annotations cannot be read ({error})") from error
    config, attempt = (hints.get(one.name) for one in parameters)
    if not (isinstance(config, type) and issubclass(config, Struct)):
        raise wrong(f"the annotation of {parameters[0].name!r} is not a msgspec.Struct")
    if attempt is not ActionAttempt:
        raise wrong(f"the annotation of {parameters[1].name!r} is not ActionAttempt")
    if "return" not in hints:
        raise wrong("its return annotation is missing")
    result = hints["return"]
    if isinstance(result, type) and issubclass(result, Struct):
        return config, result
    if result is type(None) or dict in (result, typing.get_origin(result)):
        return config, None
    raise wrong("it returns neither a msgspec.Struct nor dict[str, Any] nor None")


def source_of(item: Action) -> str:
    """Return where an action is written: module and name of its function or class."""
    if isinstance(item, FunctionAction):
        return cast(FunctionAction[Any, Any], item).source
    return _name(item.__class__)


def check_action(item: Any) -> Action:
    """Return the object if it is an action.

    Raises:
        ActionDefinitionError: it is not, and why.
    """
    if isinstance(getattr(item, "spec", None), ActionSpec) and inspect.iscoroutinefunction(
        getattr(item, "execute", None)
    ):
        return cast(Action, item)
    raise ActionDefinitionError(
        f"{item!r} is not an action: it needs `spec`, an ActionSpec, and "
        "`async def execute(config, attempt)`"
    )
