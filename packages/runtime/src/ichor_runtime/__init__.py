"""Settings, logs, telemetry, clients, health and shutdown, for every Ichor process.

Public are the modules and rooms below; nothing is imported here, because a workflow sandbox loads
`ichor_runtime.temporal.converter` alone.
"""
