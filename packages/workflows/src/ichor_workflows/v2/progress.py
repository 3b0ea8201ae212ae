"""The state of each action of a run so far, and which states storage does not have yet."""

from collections.abc import Container, Mapping

from temporalio import workflow

from ichor_core.contract import ActionState, Carried, FailureInfo
from ichor_core.execution import ActionStatus
from ichor_core.graph import ActionNode
from ichor_core.ids import ActionId, ExecutionId
from ichor_core.limits import Limits
from ichor_workflows.v2.failure import attempts_of, failure_of


class Progress:
    """The states of actions; changed states are to be recorded.

    Args:
        carried: the input from the run before.
        execution_id: whose actions they are.
    """

    def __init__(self, carried: Carried | None, execution_id: ExecutionId) -> None:
        self._execution_id = execution_id
        self.failures: list[FailureInfo] = list(carried.failures) if carried else []
        """Failures so far, in the order in which they happened."""
        self._states: dict[ActionId, ActionState] = {}
        self._unrecorded: dict[ActionId, None] = {}

    def of(self, action_id: ActionId) -> ActionState:
        """Return the state of an action, to be changed."""
        self._unrecorded[action_id] = None
        return self._states.setdefault(action_id, ActionState(action_id=action_id))

    def forget(self, action_id: ActionId) -> None:
        """Leave an action to the child that has recorded it."""
        del self._states[action_id]
        del self._unrecorded[action_id]

    def fail(self, action: ActionNode, error: BaseException, limits: Limits) -> FailureInfo:
        """Note that an action failed, and return why."""
        state = self.of(action.id)
        state.finished_at = workflow.now()
        state.attempts = attempts_of(error, limits, state.attempts)
        state.error = failure_of(action, error, limits, state.attempts)
        self.failures.append(state.error)
        ids = {"execution_id": self._execution_id, "action_name": action.name}
        error_type, message = state.error.type, state.error.message
        workflow.logger.warning(
            "Action failed", extra={**ids, "error_type": error_type, "error": message}
        )
        return state.error

    def states(
        self, statuses: Mapping[ActionId, ActionStatus], begun: Container[ActionId]
    ) -> list[ActionState]:
        """Return the state of each action.

        Args:
            statuses: those of the marking, ordered by id.
            begun: actions that it calls running, and that are; the others are held back.
        """
        states: list[ActionState] = []
        for action_id, status in statuses.items():
            state = self._states.get(action_id) or ActionState(action_id=action_id)
            state.status = status if action_id in begun or status != "running" else "waiting"
            states.append(state)
        return states

    def is_unrecorded(self, action_id: ActionId) -> bool:
        """Say whether an action changed since `mark_recorded`."""
        return action_id in self._unrecorded

    def mark_recorded(self) -> None:
        """Note that all changes so far are stored."""
        self._unrecorded.clear()
