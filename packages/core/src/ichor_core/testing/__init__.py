"""For tests of the engine and of what is built on it: random graphs and a reference model."""
