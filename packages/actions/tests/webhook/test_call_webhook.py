"""HTTP calls, to a server on loopback."""

import gzip
import socket
import ssl
import sys
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ichor_actions import (
    ConfigError,
    RefusedError,
    Registry,
    Resources,
    TransientError,
    WebhookSettings,
)
from ichor_actions.builtin import builtin_actions
from ichor_actions.webhook.action import CallWebhook
from ichor_actions.webhook.response import MAX_RETRY_AFTER, retry_after

KEY = "00000000-0000-4000-8000-000000000002/00000000-0000-4000-8000-000000000003/0"


@pytest.fixture
def url(http_target) -> str:
    return f"http://127.0.0.1:{http_target.port}/hook"


async def test_json_is_sent_and_read(run, http_target, url):
    http_target.reply(201, {"id": 7, "n": 1e30}, x_request_id="r1", set_cookie="a=b")
    config = {
        "url": "{{url}}?a=1",
        "allow_host_from_data": True,
        "headers": {"X-No": "{{order.no}}", "authorization": "Bearer t"},
        "query": {"b": ["x y", "{{order.no}}"], "c": True},
        "body": {"order": "{{order}}", "exact": "{{order.total}}"},
    }
    order = {"no": 12, "total": Decimal("0.10000000000000000001")}
    result = await run("call_webhook", config, {"url": url}, {"order": order})
    assert result["status"] == 201
    assert result["body"] == {"id": 7, "n": 1e30}
    assert result["headers"] == {"content-type": "application/json", "x-request-id": "r1"}
    (got,) = http_target.received
    assert (got.method, got.target) == ("POST", "/hook?a=1&b=x+y&b=12&c=true")
    assert got.body == (
        b'{"order":{"no":12,"total":0.10000000000000000001},"exact":0.10000000000000000001}'
    )
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-no"] == "12"
    assert got.headers["authorization"] == "Bearer t"
    assert got.headers["idempotency-key"] == KEY
    assert got.headers["host"] == f"127.0.0.1:{http_target.port}"


async def test_text_is_sent_as_it_stands(run, http_target, url):
    await run("call_webhook", {"url": url, "body": "Grüße {{a}}", "method": "PUT"}, {"a": "{{b}}"})
    (got,) = http_target.received
    assert (got.method, got.body) == ("PUT", "Grüße {{b}}".encode())
    assert got.headers["content-type"] == "text/plain; charset=utf-8"


async def test_nothing_is_sent_where_there_is_no_body(run, http_target, url):
    http_target.reply(200)
    result = await run("call_webhook", {"url": url, "method": "GET"})
    assert result == {"status": 200, "headers": {}, "body": None, "body_omitted": False}
    (got,) = http_target.received
    assert (got.method, got.body) == ("GET", b"")
    assert "content-type" not in got.headers


async def test_every_attempt_carries_the_same_key(run, http_target, url):
    for attempt in (1, 2):
        await run("call_webhook", {"url": url}, attempt=attempt)
    await run("call_webhook", {"url": url}, visit=1)
    await run("call_webhook", {"url": url, "headers": {"idempotency-key": "own"}})
    keys = [got.headers["idempotency-key"] for got in http_target.received]
    assert keys == [KEY, KEY, f"{KEY[:-1]}1", "own"]


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/problem+json; charset=utf-8", b'{"a": 0.1}', {"a": 0.1}),
        ("application/json", b"9007199254740993", 2**53 + 1),
        ("application/json", b"ok", "ok"),
        ("application/json", b'{"a": NaN}', '{"a": NaN}'),
        ("text/plain; charset=iso-8859-1", "Gr\xfc\xdfe".encode("latin-1"), "Grüße"),
        ("text/plain", "Grüße".encode(), "Grüße"),
        ("text/plain; charset=punycode", b"a", "a"),
        ("application/octet-stream", b"\xff\0", "\ufffd\ufffd"),
        ("application/json", b'\xef\xbb\xbf{"a": "\xc3\xbc"}', {"a": "ü"}),
        ("application/json", '{"a": "ü"}'.encode("utf-16"), {"a": "ü"}),
        ("application/json", '{"a": "ü"}'.encode("utf-16-be"), {"a": "ü"}),
        ("application/json", '{"a": "ü"}'.encode("utf-16-le"), {"a": "ü"}),
        ("application/json", '{"a": "ü"}'.encode("utf-32"), {"a": "ü"}),
        ("application/json; charset=utf-16", '{"a": "ü"}'.encode("utf-16-le"), {"a": "ü"}),
        ('application/json; charset="ISO-8859-1"', '{"a": "ü"}'.encode("latin-1"), {"a": "ü"}),
        ("application/json; charset=windows-1251", '{"a": "й"}'.encode("cp1251"), {"a": "й"}),
        ("application/json; charset=iso-8859-1", b'\xef\xbb\xbf{"a": "\xc3\xbc"}', {"a": "ü"}),
        ("text/json", b"[1]", [1]),
        ("text/plain", b'\xef\xbb\xbf{"a": 1}', '{"a": 1}'),
        ("text/html", b"[1]", "[1]"),
        ("", b"[1]", "[1]"),
        (";", b"[1]", "[1]"),
        ("application/json", b"\xef\xbb\xbf", ""),
    ],
)
async def test_bodies(run, http_target, content_type, body, expected):
    http_target.reply(200, body, content_type=content_type)
    config = {"url": f"http://127.0.0.1:{http_target.port}/"}
    assert (await run("call_webhook", config))["body"] == expected


@pytest.mark.parametrize(
    ("kind", "content_type", "expected"),
    [
        ("json", "text/html", {"a": 1}),
        ("json", "", {"a": 1}),
        ("text", "application/json", '{"a": 1}'),
        ("auto", "text/plain", '{"a": 1}'),
    ],
)
async def test_a_body_is_read_as_the_action_says(run, http_target, kind, content_type, expected):
    http_target.reply(200, b'{"a": 1}', content_type=content_type)
    config = {"url": f"http://127.0.0.1:{http_target.port}/", "response_body": kind}
    assert (await run("call_webhook", config))["body"] == expected


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_statuses_that_may_change(run, http_target, url, status):
    http_target.reply(status, {"no": "room"}, retry_after="7")
    with pytest.raises(
        TransientError, match=rf'answered {status} Said: {{"no": "room"}}'
    ) as caught:
        await run("call_webhook", {"url": url})
    assert caught.value.retryable
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize("status", [302, 304, 400, 401, 404, 409, 422])
async def test_statuses_that_will_stay(run, http_target, url, status):
    http_target.reply(status, b"Bad\r\n\x1b[31m" + b"x" * 5000, location="http://127.0.0.1:1/")
    if status == 304:
        http_target.reply(status)
    with pytest.raises(RefusedError, match=f"answered {status} Said") as caught:
        await run("call_webhook", {"url": f"{url}?token=secret"})
    assert not caught.value.retryable
    assert len(str(caught.value)) < 700
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(http_target.received) == 1


async def test_other_statuses_may_be_expected(run, http_target, url):
    http_target.reply(404, {"found": False})
    config = {"url": url, "expected_statuses": [200, 404]}
    assert (await run("call_webhook", config))["body"] == {"found": False}
    http_target.reply(201)
    with pytest.raises(RefusedError, match="answered 201"):
        await run("call_webhook", config)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_long_is_left_out(run_in, resources, http_target, url, declared):
    limit = 1000
    settings = replace(resources.http, max_response_bytes=limit)
    registry = Registry(builtin_actions(replace(resources, http=settings)))
    for size in (limit, limit + 1):
        http_target.reply(201, b"x" * size, content_type="text/plain", x_request_id="r1")
        if not declared:
            http_target.answer = http_target.answer.replace(b"content-length", b"x-length")
        result = await run_in(registry, "call_webhook", {"url": url})
        assert (result["status"], result["headers"]["x-request-id"]) == (201, "r1")
        assert result["body_omitted"] == (size > limit)
        assert result["body"] == (None if size > limit else "x" * size)


PLAIN = b'{"a": "' + b"x" * 1000 + b'"}'


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PLAIN)),
        ("X-Gzip", gzip.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN)),
        ("identity", PLAIN),
    ],
)
async def test_a_body_that_is_packed_unasked_is_unpacked(run, http_target, url, encoding, body):
    http_target.reply(200, body, content_encoding=encoding, content_type="application/json")
    result = await run("call_webhook", {"url": url})
    assert (result["body"], result["body_omitted"]) == ({"a": "x" * 1000}, False)
    assert http_target.received[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"x" * 10_000_000)),
        ("gzip", b"not packed"),
        ("gzip", gzip.compress(b"x" * 100)[:-4]),
        ("br", b"?"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x"))),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_left_out(run, http_target, url, encoding, body):
    http_target.reply(201, body, content_encoding=encoding)
    result = await run("call_webhook", {"url": url})
    assert (result["status"], result["body"], result["body_omitted"]) == (201, None, True)


async def test_a_packed_refusal_is_shown(run, http_target, url):
    http_target.reply(400, gzip.compress(b"no such order"), content_encoding="gzip")
    with pytest.raises(RefusedError, match="answered 400 Said: no such order"):
        await run("call_webhook", {"url": url})


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("https://other.example/new?token=x#y", "https://other.example/new, which"),
        ("https://user:pw@other.example/new", "https://other.example/new, which"),
        ("/login", "/login, which"),
        ("https://other.example/hook/", "https://other.example…/, which"),
        ("http://[::1/", "what is not a URL"),
        ("/\x1b" + "a" * 9000, "/ " + "a" * 298 + ", which"),
    ],
)
async def test_a_redirect_says_where_to(run, http_target, url, location, said):
    http_target.reply(301, b"moved", location=location)
    with pytest.raises(RefusedError) as caught:
        await run("call_webhook", {"url": url})
    assert f"answered 301 Said, a redirect to {said}" in str(caught.value)
    assert str(caught.value).endswith(": moved")


async def test_no_answer_in_time(run, http_target, url):
    http_target.answer = None
    with pytest.raises(TransientError, match=r"no answer within 0\.05 seconds"):
        await run("call_webhook", {"url": url, "timeout": 0.05})


async def test_nobody_there_and_broken_answers(run, http_target, url):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(TransientError, match="ConnectError"):
            await run("call_webhook", {"url": f"http://127.0.0.1:{unused.getsockname()[1]}/"})
    for answer in (b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nxx"):
        http_target.answer = answer
        with pytest.raises(TransientError, match="RemoteProtocolError"):
            await run("call_webhook", {"url": url})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, r"\$: .*missing required field `url`"),
        ({"url": ""}, r"\$\.url: .*at least 1"),
        ({"url": "ftp://example.com/"}, r"\$\.url: expected an absolute URL"),
        ({"url": "file:///etc/passwd"}, r"\$\.url: expected an absolute URL"),
        ({"url": "/hook"}, r"\$\.url: expected an absolute URL"),
        ({"url": "http://"}, r"\$\.url: expected an absolute URL"),
        ({"url": "http://a\nb/"}, r"\$\.url: not a URL"),
        ({"url": "http://[::1/"}, r"\$\.url: not a URL"),
        ({"url": "http://127.0.0.1:99999/"}, r"\$\.url: not a URL: invalid host or port"),
        ({"url": "http://" + "a" * 70 + ".com"}, r"\$\.url: .* is not a host name"),
        ({"url": "URL", "method": "TRACE"}, r"\$\.method: 'TRACE' is not one of DELETE, GET"),
        ({"url": "URL", "timeout": 0}, r"\$\.timeout: .*more than 0"),
        ({"url": "URL", "expected_statuses": [99]}, r"\$\.expected_statuses\[0\]: .*at least 200"),
        ({"url": "URL", "headers": {"a": "x\r\nb: c"}}, r"\$\.headers\.a: .*printable ASCII"),
        ({"url": "URL", "headers": {"a": "ü"}}, r"\$\.headers\.a: .*printable ASCII"),
        ({"url": "URL", "headers": {"a b": "c"}}, r"\$\.headers\.a b: this header cannot be set"),
        ({"url": "URL", "headers": {"Host": "c"}}, r"\$\.headers\.Host: this header cannot be set"),
        ({"url": "URL", "headers": {"": "c"}}, r"\$\.headers\.: this header cannot be set"),
        ({"url": "URL", "header": {}}, "unknown field `header`"),
    ],
)
async def test_a_wrong_config_fails_with_its_place(run, http_target, url, config, message):
    given = {**config, "url": url} if config.get("url") == "URL" else config
    with pytest.raises(ConfigError, match=message):
        await run("call_webhook", given)
    assert http_target.received == []


async def test_without_settings_it_is_refused(run_in):
    registry = Registry(builtin_actions(Resources()))
    with pytest.raises(RefusedError, match="http is not configured"):
        await run_in(registry, "call_webhook", {"url": "http://example.com"})


LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
async def test_loopback_is_refused_however_it_is_written(run_in, http_target, host):
    registry = Registry(builtin_actions(Resources(http=WebhookSettings())))
    with pytest.raises(RefusedError, match="is not a public address"):
        await run_in(
            registry, "call_webhook", {"url": f"http://{host}:{http_target.port}/", "timeout": 5}
        )
    assert http_target.received == []


def webhook(*addresses: str, allowed: Sequence[str] = (), tls: ssl.SSLContext | None = None):
    """A registry whose resolver gives these addresses for every name."""

    async def resolver(host: str, port: int) -> Sequence[str]:
        return addresses

    settings = WebhookSettings(allowed_targets=tuple(allowed))
    return Registry([CallWebhook(Resources(http=settings), tls=tls, resolver=resolver)])


async def test_one_private_address_among_public_ones_is_enough_to_refuse(run_in, http_target):
    config = {"url": f"http://hook.example:{http_target.port}/"}
    with pytest.raises(RefusedError, match=r"hook\.example is not a public address"):
        await run_in(webhook("93.184.215.14", "127.0.0.1"), "call_webhook", config)
    assert http_target.received == []


async def test_it_connects_to_the_address_that_was_checked(run_in, http_target):
    config = {"url": f"http://hook.example:{http_target.port}/"}
    registry = webhook("127.0.0.1", allowed=["127.0.0.1"])
    assert (await run_in(registry, "call_webhook", config))["status"] == 200
    assert http_target.received[0].headers["host"] == f"hook.example:{http_target.port}"


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is loopback on Linux only")
async def test_another_address_is_tried_where_one_does_not_answer(run_in, http_target):
    config = {"url": f"http://hook.example:{http_target.port}/", "body": {"a": 1}}
    registry = webhook("127.0.0.2", "127.0.0.1", allowed=["127.0.0.0/8"])
    assert (await run_in(registry, "call_webhook", config))["status"] == 200
    assert [got.body for got in http_target.received] == [b'{"a":1}']


async def test_a_certificate_is_asked_for_by_name(run_in, https_target, tls_files):
    tls = ssl.create_default_context(cafile=tls_files[0])
    registry = webhook("127.0.0.1", allowed=["127.0.0.1"], tls=tls)
    config = {"url": f"https://hook.example:{https_target.port}/"}
    assert (await run_in(registry, "call_webhook", config))["status"] == 200
    config = {"url": f"https://other.example:{https_target.port}/"}
    with pytest.raises(TransientError, match="CERTIFICATE_VERIFY_FAILED"):
        await run_in(registry, "call_webhook", config)
    assert len(https_target.received) == 1


async def test_a_certificate_of_nobody_is_refused(run_in, https_target):
    registry = webhook("127.0.0.1", allowed=["127.0.0.1"])
    config = {"url": f"https://hook.example:{https_target.port}/"}
    with pytest.raises(TransientError, match="CERTIFICATE_VERIFY_FAILED"):
        await run_in(registry, "call_webhook", config)
    assert https_target.received == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("99999999999999999999", MAX_RETRY_AFTER),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Thu, 01 Jan 2026 00:01:00", 60.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("Fri, 01 Jan 2027 00:00:00 GMT", MAX_RETRY_AFTER),
        ("Fri, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Fri, 01 Jan 10000 00:00:00 GMT", None),
        ("Fri, 01 Jan 2027 99999999999999999999:00:00 GMT", None),
        ("Fri, 01 Jan 2027 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", MAX_RETRY_AFTER),
        ("1" * 10_000, MAX_RETRY_AFTER),
        ("0" * 20 + "7", 7.0),
        ("1e3", None),
        ("soon", None),
        ("-1", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after({"retry-after": text}, now) == seconds
    assert retry_after({}, now) is None


words = ["Thu,", "01", "Jan", "9999", "9" * 20, ":", "00:00:00", "GMT", "+2400", "-99999", "-"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(words), max_size=9).map(" ".join)))
def test_no_retry_after_hides_the_status(text: str):
    seconds = retry_after({"retry-after": text}, datetime(2026, 1, 1, tzinfo=UTC))
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER
