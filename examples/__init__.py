"""Systems outside the engine, as examples."""
