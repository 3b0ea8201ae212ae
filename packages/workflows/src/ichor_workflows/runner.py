"""The sandbox for these workflows."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSED_THROUGH = ("ichor_core", "ichor_runtime", "msgspec", "opentelemetry")
"""Pure modules that every workflow instance may share: importing them again costs 20 ms each."""


def sandboxed_runner() -> SandboxedWorkflowRunner:
    """Return a runner that catches clocks, randomness and I/O in workflow code."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )
