"""Approvals over HTTP, and decisions."""
