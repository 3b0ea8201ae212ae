"""Rules, their graphs and versions."""
