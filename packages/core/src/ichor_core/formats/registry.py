"""Formats for JSON Schemas of configs, each with the check that the action itself uses.

A schema says ``{"type": "string", "format": "ichor-time"}``, and `check_format` checks a value. A
text with a template is known only when the action runs, so it passes.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from ichor_core.contract.approval import ApprovalPolicy, Approvers, check_policy
from ichor_core.errors import InvalidInputError
from ichor_core.explain import explain
from ichor_core.expressions.condition import check_fields, parse_condition
from ichor_core.expressions.syntax import is_template
from ichor_core.formats.durations import read_duration
from ichor_core.formats.http_url import check_http_url
from ichor_core.formats.mail_address import check_header_text, read_mail_address
from ichor_core.formats.times import read_time

APPROVAL = "ichor-approval"
"""The config of an approval, with enough approvers for its policy."""
CONDITION = "ichor-condition"
"""A condition, with templates in its values only."""
DURATION = "ichor-duration"
"""Seconds, or text such as PT90M; above zero, at most a year."""
HEADER_TEXT = "ichor-header-text"
"""A text for the header of a mail: one line."""
HTTP_URL = "ichor-http-url"
"""An absolute URL of http or https."""
MAIL_ADDRESS = "ichor-mail-address"
"""`address` or `Name <address>`."""
TIME = "ichor-time"
"""A time in ISO 8601."""


def check_format(name: str, value: Any) -> None:
    """Refuse a value that the action would refuse; an unknown format refuses nothing.

    Raises:
        InvalidInputError: with the place inside the value, from `$`.
    """
    check = FORMATS.get(name)
    if check is not None:
        check(value)


def _condition(value: Any) -> None:
    # A template cannot stand for a condition, so it is refused as any other text.
    if isinstance(value, dict | list) or is_template(value):
        check_fields(parse_condition(value))


def _duration(value: Any) -> None:
    if isinstance(value, str | int | float | Decimal) and not is_template(value):
        read_duration(value)


def _of_text(check: Callable[[str], object]) -> Callable[[Any], None]:
    def check_text(value: Any) -> None:
        if isinstance(value, str) and not is_template(value):
            check(value)

    return check_text


def _as(into: type[Any]) -> Callable[[Any], None]:
    def convert(text: str) -> None:
        try:
            msgspec.convert(text, into)
        except msgspec.ValidationError as error:
            raise InvalidInputError(*explain(str(error), into, text)) from error

    return _of_text(convert)


class _ApprovalConfig(msgspec.Struct):
    approvers: Approvers = Approvers()
    policy: ApprovalPolicy = "any"
    needed: int = 1
    requester: str = ""
    allow_requester: bool = False


def _approval(value: Any) -> None:
    try:
        config = msgspec.convert(value, _ApprovalConfig)
    except msgspec.ValidationError:
        return  # a template, or a fault that the type of its field reports
    written = value.get("approvers")
    if written and not any(written.values()):
        raise InvalidInputError(
            "nobody is named, which would ask everybody; to ask everybody, leave approvers out",
            "$.approvers",
        )
    if not any(map(is_template, (*config.approvers.users, *config.approvers.roles))):
        requester = "" if is_template(config.requester) else config.requester
        allowed = config.allow_requester
        check_policy(config.approvers, config.policy, config.needed, requester, allowed)


FORMATS: Mapping[str, Callable[[Any], None]] = {
    APPROVAL: _approval,
    CONDITION: _condition,
    DURATION: _duration,
    HEADER_TEXT: _of_text(check_header_text),
    HTTP_URL: _of_text(check_http_url),
    MAIL_ADDRESS: _of_text(read_mail_address),
    TIME: _of_text(read_time),
    # Formats that msgspec publishes for fields of these Python types.
    "date": _as(date),
    "date-time": _as(datetime),
    "duration": _as(timedelta),
    "time": _as(time),
    "uuid": _as(UUID),
}
"""The check of each format; it raises `InvalidInputError`."""
