"""What a node of a graph does: action types, their registry and the built-in ones."""
