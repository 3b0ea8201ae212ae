"""Simulation: a run in memory with given results."""
