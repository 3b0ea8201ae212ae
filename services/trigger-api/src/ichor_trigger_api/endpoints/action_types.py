"""Action types that the workers have published."""

from typing import Annotated

from litestar import Controller, delete, get
from litestar.params import PathParameter

from ichor_edgestore.action_types import (
    PostgresActionTypeStore,
    PublishedActionType,
    no_action_type,
)
from ichor_trigger_api.http.parameters import Given, storable
from ichor_trigger_api.http.problems import problems

TypeKey = Annotated[str, PathParameter(max_length=200)]


class ActionTypeController(Controller):
    """The endpoints of action types."""

    path = "/action-types"
    tags = ("action types",)

    @get(responses=problems(), summary="List action types")
    async def list_action_types(
        self, action_types: Given[PostgresActionTypeStore]
    ) -> list[PublishedActionType]:
        """Return every action type that a worker has published, with the schema of its config.

        Each worker publishes its types when it starts. A type stays when the last worker that has
        it is gone: `updated_at` tells, and it can be deleted.
        """
        return await action_types.list_published()

    @get("/{action_type:str}", responses=problems(404), summary="Read an action type")
    async def get_action_type(
        self, action_type: TypeKey, action_types: Given[PostgresActionTypeStore]
    ) -> PublishedActionType:
        """Return an action type."""
        for described in await action_types.list_published():
            if described.type == action_type:
                return described
        raise no_action_type(action_type)

    @delete("/{action_type:str}", responses=problems(404, 409), summary="Delete an action type")
    async def delete_action_type(
        self, action_type: TypeKey, action_types: Given[PostgresActionTypeStore]
    ) -> None:
        """Delete an action type that no worker runs any more.

        While graphs of active rules use it, it stays, and the answer names the rules (409). A
        worker that has the type publishes it again when it starts.
        """
        storable(action_type=action_type)
        await action_types.delete_action_type(action_type)
