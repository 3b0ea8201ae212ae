"""The engine over HTTP; and the relay as a process of its own."""
