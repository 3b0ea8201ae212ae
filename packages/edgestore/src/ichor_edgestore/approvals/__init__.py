"""Approvals and their decisions."""
