"""An action type of one's own: credits loyalty points to a customer, once for each order."""

from own_action.credit_points import CreditPoints, actions

__all__ = ["CreditPoints", "actions"]
