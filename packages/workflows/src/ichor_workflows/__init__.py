"""The Temporal workflows that interpret a graph; deterministic code only."""
