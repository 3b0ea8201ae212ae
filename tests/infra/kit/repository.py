"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
INFRA = ROOT / "infra"
SERVICES = ("trigger-api", "worker", "async-completer")
HEALTH_PATHS = {"live": "/health/live", "ready": "/health/ready"}
METRICS_PATH = "/metrics"
