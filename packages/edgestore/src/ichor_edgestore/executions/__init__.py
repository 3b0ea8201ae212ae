"""Executions, their action states, large values, retention."""
