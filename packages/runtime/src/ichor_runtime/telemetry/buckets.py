"""Bucket bounds of histograms of durations, in seconds."""

SHORT = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""For short operations; those of OpenTelemetry for HTTP servers."""
LONG = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
    *(60.0, 300.0, 1800.0, 3600.0, 14_400.0, 86_400.0, 604_800.0),
)
"""For durations that may include waits for other systems or people, up to a week."""
