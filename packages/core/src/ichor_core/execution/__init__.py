"""Running a graph: the marking, the end status, the context of each action."""
