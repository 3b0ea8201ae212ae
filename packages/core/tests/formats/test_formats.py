"""Formats of configs: what the action refuses is refused before it runs, with the same words."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ichor_core.errors import InvalidInputError
from ichor_core.formats.registry import FORMATS, check_format
from ichor_core.formats.times import read_time

EQUALS = {"field": "a", "operator": "equals", "value": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ichor-condition", EQUALS),
        ("ichor-condition", [EQUALS]),
        ("ichor-condition", {}),
        ("ichor-condition", {"field": '"a {{b}}".c', "operator": "is_null"}),
        ("ichor-condition", {"field": "a", "operator": "in", "value": "{{list}}"}),
        ("ichor-condition", "text, of which the type is told"),
        ("ichor-duration", 0.5),
        ("ichor-duration", "PT1H"),
        ("ichor-duration", "PT{{hours}}H"),
        ("ichor-duration", None),
        ("ichor-time", "2026-02-28"),
        ("ichor-time", "{{when}}"),
        ("ichor-http-url", "https://user@example.com:8443/a?b=c"),
        ("ichor-http-url", "HTTP://[::1]/"),
        ("ichor-http-url", "{{base}}/x"),
        ("ichor-mail-address", "Ada <ada@example.com>"),
        ("ichor-header-text", "Grüße"),
        ("ichor-approval", {"policy": "n_of", "needed": 2, "approvers": {"users": ["a", "b"]}}),
        ("ichor-approval", {"policy": "n_of", "needed": 2, "approvers": {"users": "{{all}}"}}),
        ("ichor-approval", {"policy": "n_of", "needed": 2, "approvers": {"users": ["{{a}}"]}}),
        ("ichor-approval", {"title": "any"}),
        ("date", "2026-02-28"),
        ("date-time", "2026-02-28T12:00:00Z"),
        ("uuid", "{{id}}"),
        ("of-somebody-else", object()),
    ],
)
def test_these_are_taken(name, value):
    check_format(name, value)


@pytest.mark.parametrize(
    ("name", "value", "path", "message"),
    [
        ("ichor-condition", {**EQUALS, "operator": "equal"}, "$.operator", "known: equals"),
        ("ichor-condition", {"field": "a", "operator": "equals"}, "$.value", "needs a value"),
        ("ichor-condition", {"not": [{**EQUALS, "field": ""}]}, "$.not[0].field", "name of"),
        ("ichor-condition", {**EQUALS, "field": "{{ a | trim }}"}, "$.field", "without them: a"),
        ("ichor-condition", "{{condition}}", "$", "expected a comparison"),
        ("ichor-duration", "3 days", "$", "such as PT90M"),
        ("ichor-duration", 0, "$", "above zero"),
        ("ichor-duration", 10**400, "$", "at most a year"),
        ("ichor-duration", float("inf"), "$", "above zero"),
        ("ichor-duration", float("nan"), "$", "above zero"),
        ("ichor-duration", Decimal("1e400"), "$", "at most a year"),
        ("ichor-duration", "1", "$", "without quotes, or as PT1S"),
        ("ichor-duration", "P1M", "$", "such as P30D"),
        ("ichor-duration", "P1Y2M", "$", "months or years"),
        ("ichor-time", "tomorrow", "$", "ISO 8601"),
        ("ichor-time", "2026-02-28T25:00:00Z", "$", "ISO 8601"),
        ("ichor-time", "2026-02-28T24:01:00Z", "$", "ISO 8601"),
        ("ichor-time", "2026-02-28T12:00:00 02:00", "$", "written %2B"),
        ("ichor-http-url", "htp:/x", "$", "http:// or https://"),
        ("ichor-http-url", "http://", "$", "http:// or https://"),
        ("ichor-http-url", "http://a:0/", "$", "invalid port 0"),
        ("ichor-http-url", "http://secret@a:99999/", "$", "port"),
        ("ichor-mail-address", "ada", "$", "'ada' is not a mail address"),
        ("ichor-header-text", "a\nBcc: b@c", "$", "line break"),
        (
            "ichor-approval",
            {"policy": "n_of", "needed": 3, "approvers": {"users": ["a"]}},
            "$.needed",
            "needed is 3, but there is only 1 approver",
        ),
        ("ichor-approval", {"approvers": {"users": [], "roles": []}}, "$.approvers", "everybody"),
        (
            "ichor-approval",
            {"approvers": {"users": ["a"]}, "requester": "A"},
            "$.approvers.users",
            "the only approver is the requester",
        ),
        ("date", "28.2.2026", "", "'28.2.2026' is not a date in ISO 8601"),
        ("date-time", "now", "", "'now' is not a time in ISO 8601"),
        ("time", "noon", "", "time of day"),
        ("duration", "3 days", "", "PT90M"),
        ("uuid", "7", "", "'7' is not a UUID"),
    ],
)
def test_these_are_refused(name, value, path, message):
    assert name in FORMATS
    with pytest.raises(InvalidInputError) as caught:
        check_format(name, value)
    assert caught.value.path == path
    assert message in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-02-28", datetime(2026, 2, 28, tzinfo=UTC)),
        ("2026-02-28T24:00:00Z", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-02-28T24:00", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-02-28T24:00:00+02:00", datetime(2026, 2, 28, 22, tzinfo=UTC)),
        ("2026-02-28T12:24:00Z", datetime(2026, 2, 28, 12, 24, tzinfo=UTC)),
        ("20260228T240000Z", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read(text, time):
    assert read_time(text) == time
