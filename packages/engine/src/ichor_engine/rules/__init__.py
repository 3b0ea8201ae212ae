"""Rules and their graphs, checked before they are stored."""

from ichor_engine.rules.config_check import ConfigCheck
from ichor_engine.rules.editing import RuleEditor
from ichor_engine.rules.graphs import RuleGraphs, has_errors

__all__ = ["ConfigCheck", "RuleEditor", "RuleGraphs", "has_errors"]
