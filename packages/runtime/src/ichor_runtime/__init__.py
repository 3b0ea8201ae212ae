"""What every Ichor process needs: settings, logs, the Temporal client, health, shutdown.

Nothing is imported here: a workflow sandbox loads `ichor_runtime.temporal.converter` alone.
"""
