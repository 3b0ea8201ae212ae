"""Test support, also for packages built on the engine: random graphs and a reference model."""

from ichor_core.testing import reference_model
from ichor_core.testing.random_graphs import Scenario, random_scenario, with_references

__all__ = [
    "Scenario",
    "random_scenario",
    "reference_model",
    "with_references",
]
