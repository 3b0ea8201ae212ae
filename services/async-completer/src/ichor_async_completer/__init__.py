"""Completes actions from the replies of other systems; keeps unusable replies as dead letters."""
