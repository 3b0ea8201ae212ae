"""Trees to values, within limits."""
