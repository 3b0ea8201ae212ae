"""For tests of what evaluates expressions."""
