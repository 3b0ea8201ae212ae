"""PostgreSQL and Temporal on free loopback ports, for development and tests only."""
