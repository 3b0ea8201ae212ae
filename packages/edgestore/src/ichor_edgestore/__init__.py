"""PostgreSQL storage of rules, graphs, events, executions and effects."""
