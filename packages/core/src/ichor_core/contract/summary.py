"""Summaries: texts that Temporal's tools show beside workflows, activities and timers."""

MAX_SUMMARY_BYTES = 200


def summary_of(text: str) -> str:
    """Return a text cut to the size that the server accepts as a summary."""
    return text.encode()[:MAX_SUMMARY_BYTES].decode(errors="ignore")
