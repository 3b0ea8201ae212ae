"""The relay: starts the workflows of accepted events."""
