"""Validation: every issue of a graph, found without running it."""
