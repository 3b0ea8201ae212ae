"""Templates, conditions and the context that they read."""
