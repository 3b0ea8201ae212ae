"""Retries with growing waits, for as long as something is away."""

from collections.abc import AsyncIterator

import stamina

FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 10.0


def retry_forever(
    on: type[Exception] | tuple[type[Exception], ...],
) -> AsyncIterator[stamina.Attempt]:
    """Yield attempts, each to be entered with ``with``, until one raises none of these errors.

    The waits between them grow up to ten seconds. Cancel the task to stop.
    """
    return aiter(
        stamina.retry_context(
            on,
            attempts=None,
            timeout=None,
            wait_initial=FIRST_WAIT_SECONDS,
            wait_max=LONGEST_WAIT_SECONDS,
            wait_jitter=FIRST_WAIT_SECONDS,
        )
    )
