"""The action for systems that have no action type of their own."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from ichor_actions.attempt import ActionRun
from ichor_actions.definition.action import action

Name = Annotated[str, Meta(pattern="^[A-Za-z0-9_.-]{1,100}$")]


class ThirdPartyApiCallConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `third_party_api_call`."""

    system: Name
    """Which system is to be called, as whoever calls it knows it."""
    operation: Name
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])


class ThirdPartyApiCallRequest(Struct, frozen=True):
    """What is asked: call this operation of that system."""

    system: str
    operation: str
    parameters: dict[str, Any]


class ThirdPartyApiCallReply(Struct, frozen=True):
    """What the system answered."""

    status: str
    """In the other system's words."""
    data: dict[str, Any] = field(default_factory=dict[str, Any])


@action(
    type="third_party_api_call",
    title="Third-party API call",
    kind="async",
    reply=ThirdPartyApiCallReply,
)
async def third_party_api_call(
    config: ThirdPartyApiCallConfig, run: ActionRun
) -> ThirdPartyApiCallRequest:
    """Has an operation of another system called by whoever holds the access to it."""
    return ThirdPartyApiCallRequest(config.system, config.operation, config.parameters)
