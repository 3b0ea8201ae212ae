"""Formats of config values: durations, times, URLs, mail addresses."""
