"""Writes the reference pages from what the code says of itself."""
