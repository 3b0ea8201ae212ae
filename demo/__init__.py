"""The order workflow on real servers: what Ichor does, to be seen."""
