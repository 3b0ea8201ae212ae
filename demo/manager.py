"""A manager who decides what the order workflow asks, as any client of the API would."""

from typing import Any

from demo.api import ActionView, TriggerApi
from demo.progress import Progress

USER = "mia"
ROLE = "manager"


def is_asked(action: ActionView) -> bool:
    """Say whether an action waits for the manager."""
    return (action.type, action.status) == ("manager_approval", "running")


async def decide(api: TriggerApi, progress: Progress, execution_id: str) -> bool:
    """Approve what an execution asks the manager; says whether it asks anything yet.

    Raises:
        ApiError: the trigger API refused it.
    """
    asked = await api.list_approvals(user=USER, role=ROLE, execution_id=execution_id)
    if not asked:
        return False
    (approval,) = asked
    progress.say("the demo plays the manager:", "blue")
    progress.say(f"GET /approvals?user={USER}&role={ROLE} lists: {approval.title}", "blue")
    decision: dict[str, Any] = {
        "user": USER,
        "roles": [ROLE],
        "vote": "approved",
        "comment": "a good customer",
    }
    decided = await api.decide(approval.id, decision)
    progress.say(f"POST /approvals/{approval.id}/decision by {USER}: {decided.status}", "blue")
    return True
