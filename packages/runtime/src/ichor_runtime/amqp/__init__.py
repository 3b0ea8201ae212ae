"""RabbitMQ: topology, publisher, spans, settings."""
