"""Formats of config values: durations, times, URLs, mail addresses."""

from ichor_core.formats.durations import MAX_DURATION, read_duration
from ichor_core.formats.http_url import check_http_url
from ichor_core.formats.mail_address import check_header_text, read_mail_address
from ichor_core.formats.registry import (
    APPROVAL,
    CONDITION,
    DURATION,
    FORMATS,
    HEADER_TEXT,
    HTTP_URL,
    MAIL_ADDRESS,
    TIME,
    check_format,
)
from ichor_core.formats.times import read_time

__all__ = [
    "APPROVAL",
    "CONDITION",
    "DURATION",
    "FORMATS",
    "HEADER_TEXT",
    "HTTP_URL",
    "MAIL_ADDRESS",
    "MAX_DURATION",
    "TIME",
    "check_format",
    "check_header_text",
    "check_http_url",
    "read_duration",
    "read_mail_address",
    "read_time",
]
