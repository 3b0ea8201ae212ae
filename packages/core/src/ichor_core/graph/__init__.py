"""Graphs: definition, edge types, traversal, branches, drawing."""
