"""The HTTP service: events in, rules, executions; and the relay that starts workflows."""
