"""Dead letters: the queue, and the commands on it."""
