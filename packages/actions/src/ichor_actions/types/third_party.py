"""The action for systems that have no action type of their own."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.action import action

Name = Annotated[str, Meta(pattern="^[A-Za-z0-9_.-]{1,100}$")]


class ThirdPartyApiCallConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `third_party_api_call`."""

    system: Name
    """Name of the system to call, as its connector knows it."""
    operation: Name
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])


class ThirdPartyApiCallRequest(Struct, frozen=True):
    """The request to call an operation of a system."""

    system: str
    operation: str
    parameters: dict[str, Any]


class ThirdPartyApiCallReply(Struct, frozen=True):
    """The response of the system."""

    status: str
    """Status as the system reports it."""
    data: dict[str, Any] = field(default_factory=dict[str, Any])


@action(
    type="third_party_api_call",
    title="Third-party API call",
    kind="async",
    reply=ThirdPartyApiCallReply,
)
async def third_party_api_call(
    config: ThirdPartyApiCallConfig, attempt: ActionAttempt
) -> ThirdPartyApiCallRequest:
    """Calls an operation of another system through a connector that has access to it."""
    return ThirdPartyApiCallRequest(config.system, config.operation, config.parameters)
