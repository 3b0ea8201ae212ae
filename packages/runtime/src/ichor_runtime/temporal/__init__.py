"""Temporal: client, payload converter, SDK runtime."""

from ichor_runtime.temporal.client import (
    TEMPORAL_ERRORS,
    check_temporal,
    connect,
    lazy_client,
)
from ichor_runtime.temporal.converter import data_converter

__all__ = [
    "TEMPORAL_ERRORS",
    "check_temporal",
    "connect",
    "data_converter",
    "lazy_client",
]
