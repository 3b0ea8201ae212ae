"""The built-in action types, a module for each family."""

from ichor_actions.types.approval import ask_people

__all__ = [
    "ask_people",
]
