"""Rules and their graphs over HTTP."""
