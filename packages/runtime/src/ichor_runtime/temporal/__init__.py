"""Temporal: client, payload converter, SDK runtime."""
