"""Executions over HTTP: reading, observing, cancelling."""
