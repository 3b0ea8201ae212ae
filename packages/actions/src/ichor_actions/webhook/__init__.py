"""The action type `call_webhook`: targets, transport, response."""
