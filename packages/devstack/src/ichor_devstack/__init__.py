"""PostgreSQL, Temporal and RabbitMQ on free loopback ports, for development and tests only."""
