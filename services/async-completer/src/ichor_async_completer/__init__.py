"""Completes actions from the replies of other systems; keeps what cannot be used."""
