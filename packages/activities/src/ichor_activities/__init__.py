"""The Temporal activities that run actions and record executions."""
