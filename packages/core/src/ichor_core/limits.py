"""Timeouts and retries of an action: the kind's defaults, the type's, then the node's own."""

from typing import Annotated, TypeVar

from msgspec import Meta, Struct

N = TypeVar("N", int, float)

Seconds = Annotated[float, Meta(gt=0, le=365 * 24 * 3600)]


class Limits(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Timeouts (in seconds) and retries. None: inherit from the type, then from the kind."""

    start_to_close: Seconds | None = None
    """Longest time for one attempt."""
    heartbeat: Seconds | None = None
    """No heartbeat for this long: abandon the attempt and retry."""
    max_attempts: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    initial_interval: Seconds | None = None
    """Wait before the second attempt."""
    backoff: Annotated[float, Meta(ge=1, le=100)] | None = None
    """Factor between waits."""
    max_interval: Seconds | None = None

    def over(self, base: "Limits") -> "Limits":
        """Return these limits, with each None replaced by the value of `base`."""
        return Limits(
            start_to_close=_first(self.start_to_close, base.start_to_close),
            heartbeat=_first(self.heartbeat, base.heartbeat),
            max_attempts=_first(self.max_attempts, base.max_attempts),
            initial_interval=_first(self.initial_interval, base.initial_interval),
            backoff=_first(self.backoff, base.backoff),
            max_interval=_first(self.max_interval, base.max_interval),
        )


def _first(own: N | None, base: N | None) -> N | None:
    return base if own is None else own
