"""Values of FEEL: their kinds, order, text and arithmetic."""
