"""Simulation: an execution in memory, with given results."""

from ichor_core.simulation.simulation import Simulation, simulate

__all__ = [
    "Simulation",
    "simulate",
]
