"""Alerts: rows that `create_alert` writes and people read."""
