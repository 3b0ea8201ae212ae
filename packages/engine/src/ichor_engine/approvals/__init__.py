"""Decisions of users, handed to the workflows that wait for them."""

from ichor_engine.approvals.decision import Decider

__all__ = ["Decider"]
