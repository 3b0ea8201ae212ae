"""Reviews workflow graphs with ichor-core alone."""
