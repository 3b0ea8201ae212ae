"""The built-in action types, a module for each family."""
