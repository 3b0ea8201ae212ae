"""GET /action-types: what the workers can run."""

from litestar import Controller, get
from litestar.params import FromPath

from ichor_core.action_type import ActionType
from ichor_core.errors import NotFoundError
from ichor_trigger_api.parameters import GivenParts
from ichor_trigger_api.problems import problems


class ActionTypeController(Controller):
    """The endpoints of action types."""

    path = "/action-types"
    tags = ("action types",)

    @get(responses=problems(), summary="List action types")
    async def list_action_types(self, parts: GivenParts) -> list[ActionType]:
        """Return every action type that a worker has published, with the schema of its config."""
        return await parts.action_types.list_action_types()

    @get("/{action_type:str}", responses=problems(404), summary="Read an action type")
    async def get_action_type(self, action_type: FromPath[str], parts: GivenParts) -> ActionType:
        """Return an action type."""
        types = await parts.action_types.get_action_types()
        if action_type not in types:
            raise NotFoundError(f"no worker has published an action type {action_type!r}")
        return types[action_type]
