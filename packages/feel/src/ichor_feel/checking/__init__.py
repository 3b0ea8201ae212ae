"""Questions about an expression that need no values."""
