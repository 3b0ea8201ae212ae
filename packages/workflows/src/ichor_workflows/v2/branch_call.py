"""Runs a closed branch as a child workflow."""

from temporalio import workflow

from ichor_core.contract import (
    EXECUTE_BRANCH_WORKFLOW,
    BranchInput,
    BranchOutput,
    WorkflowInput,
    summary_of,
)
from ichor_core.execution import BranchGraph
from ichor_core.graph import ActionNode, ClosedBranch


def branch_workflow_id(head: ActionNode) -> str:
    """Return the id of the child workflow that runs the branch with this head."""
    return f"{workflow.info().workflow_id}-branch-{head.id}"


def branch_input(
    start: WorkflowInput | BranchInput,
    head: ActionNode,
    branch: ClosedBranch,
    cut: BranchGraph,
    version: int,
) -> BranchInput:
    """Return the input of the child: the branch, its context, the policies of its types."""
    types = {action.action_type for action in cut.graph.actions}
    return BranchInput(
        start_action=head,
        convergence_point=branch.convergence_point,
        graph=cut.graph,
        initial_context=cut.context,
        rule_id=start.rule_id,
        execution_id=start.execution_id,
        rule_name=start.rule_name,
        interpreter_version=version,
        policies={name: policy for name, policy in start.policies.items() if name in types},
        options=start.options,
        exports=cut.exports,
    )


async def call_branch(call: BranchInput) -> BranchOutput:
    """Run the child workflow and return its output.

    Raises:
        temporalio.exceptions.ChildWorkflowError: it was terminated or cancelled.
    """
    return await workflow.execute_child_workflow(
        EXECUTE_BRANCH_WORKFLOW,
        call,
        id=branch_workflow_id(call.start_action),
        result_type=BranchOutput,
        static_summary=summary_of(f"{call.rule_name}: {call.start_action.name}"),
        parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
    )
