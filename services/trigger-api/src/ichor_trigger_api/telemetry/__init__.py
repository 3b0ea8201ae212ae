"""Log lines, spans and metrics of requests."""
