"""How fast the engine is, as ratios measured in one run: ``make bench``."""
