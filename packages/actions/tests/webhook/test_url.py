"""What a template inserts into a URL is data: it keeps to its place."""

from typing import Any
from urllib.parse import unquote

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ichor_actions import ConfigError, Resources
from ichor_actions.webhook.action import CallWebhook
from ichor_actions.webhook.url import read_url
from ichor_core.errors import TemplateError
from ichor_core.expressions import MergedContext, resolve_templates

SCHEMA = Draft202012Validator(CallWebhook(Resources()).spec.action_type.config_schema)


def url_of(url: str, allow: Any = False, **data: Any) -> httpx2.URL:
    written = {"url": url, "allow_host_from_data": allow}
    context = MergedContext(data, {})
    return read_url(resolve_templates(url, context), {}, written, context)


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("A#12", "/customers/A%2312/orders"),
        ("../admin/delete", "/customers/..%2Fadmin%2Fdelete/orders"),
        ("x?limit=9999&", "/customers/x%3Flimit%3D9999%26/orders"),
        ("a b", "/customers/a%20b/orders"),
        ("a%2Fb", "/customers/a%252Fb/orders"),
        ("a\\b;c", "/customers/a%5Cb%3Bc/orders"),
        ("Größe", "/customers/Gr%C3%B6%C3%9Fe/orders"),
        ("a\r\nHost: b", "/customers/a%0D%0AHost%3A%20b/orders"),
        ("{{id}}", "/customers/%7B%7Bid%7D%7D/orders"),
        ("...", "/customers/.../orders"),
        ("a-b_c.d~e", "/customers/a-b_c.d~e/orders"),
        (7, "/customers/7/orders"),
        (True, "/customers/true/orders"),
        (["a", "b"], "/customers/%5B%22a%22%2C%22b%22%5D/orders"),
    ],
)
def test_a_value_is_one_segment(value, target):
    url = url_of("https://crm.example/customers/{{id}}/orders", id=value)
    assert url.raw_path.decode() == target
    assert url.host == "crm.example"


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(texts.filter(lambda text: text.partition(";")[0] not in (".", "..")))
def test_any_text_is_one_segment_and_one_parameter(text: str):
    url = url_of("https://u@crm.example:8443/a/{{t}}/b?c={{t}}&d=1#{{t}}", t=text)
    path, _, query = url.raw_path.decode().partition("?")
    assert [unquote(part) for part in path.split("/")] == ["", "a", text, "b"]
    assert [unquote(part) for part in query.split("&")] == [f"c={text}", "d=1"]
    assert (url.scheme, url.userinfo, url.host, url.port) == ("https", b"u", "crm.example", 8443)


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://a.example/x/{{v}}/y", ".."),
        ("https://a.example/x/{{v}}", "."),
        ("https://a.example/x/{{v}}", ""),
        ("https://a.example/x/{{v}}", None),
        ("https://a.example/x/.{{v}}", "."),
        ("https://a.example/x/%2e{{v}}", "."),
        ("https://a.example/x/%2{{v}}%2e", "e"),
        ("https://a.example/x/{{v}}{{v}}", "."),
        ("https://a.example/x/{{v}};a=1/y", ".."),
        ("https://a.example/{{v}}?a=1", ".."),
    ],
)
def test_a_segment_that_is_another_place_is_refused(url, value):
    with pytest.raises(ConfigError, match=r"\$\.url: data makes a segment of the path"):
        url_of(url, v=value)


def test_the_braces_of_a_template_may_hold_anything():
    url = url_of('https://a.example/{{ x | default: "}}/\\"?" }}/{{y}}', y="}")
    assert url.raw_path == b"/%7D%7D%2F%22%3F/%7D"


FROM_DATA = [
    "{{v}}",
    "{{v}}/x",
    "{{v}}://a.example/x",
    "http{{v}}://a.example/x",
    "https://{{v}}/x",
    "https://{{v}}.a.example/x",
    "https://a.example{{v}}",
    "https://a.example{{v}}/x",
    "https://a.example:{{v}}/x",
    "https://{{v}}@a.example/x",
    "https://a.example\\{{v}}/x",
    "//{{v}}/x",
    "ftp://a.example/{{v}}",
]


@pytest.mark.parametrize("allow", [False, None, "true", "{{yes}}", 1])
@pytest.mark.parametrize("url", FROM_DATA)
def test_a_host_does_not_come_from_data(url, allow):
    with pytest.raises(ConfigError, match="a host without templates") as caught:
        url_of(url, allow, v="x", yes=True)
    (fault,) = [one for one in SCHEMA.iter_errors({"url": url}) if one.validator == "not"]
    assert (fault.json_path, fault.schema["errorMessage"]) == (
        caught.value.path,
        caught.value.message,
    )
    config = {"url": url, "allow_host_from_data": allow}
    assert any(one.validator == "not" for one in SCHEMA.iter_errors(config))
    assert SCHEMA.is_valid({**config, "allow_host_from_data": True})


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/{{v}}",
        "HTTP://a.example?{{v}}",
        "https://a.example:1/",
        "https://a.example",
    ],
)
def test_a_host_that_is_written_out_is_no_fault(url):
    assert SCHEMA.is_valid({"url": url})
    assert url_of(url, v="x").host == "a.example"


@pytest.mark.parametrize(
    ("url", "value", "expected"),
    [
        ("{{v}}", "https://b.example/a?c=%20#d", "https://b.example/a?c=%20#d"),
        ("{{v}}/x/{{w}}", "https://b.example/a", "https://b.example/a/x/A%2312"),
        ("{{v}}{{w}}", "https://b.example/a/", "https://b.example/a/A%2312"),
        ("https://{{v}}.b.example/x/{{w}}", "shop", "https://shop.b.example/x/A%2312"),
        ("https://{{v}}/x", "[2606:2800::1]:8443", "https://[2606:2800::1]:8443/x"),
    ],
)
def test_a_host_may_come_from_data_where_the_action_says_so(url, value, expected):
    assert str(url_of(url, True, v=value, w="A#12")) == expected


@pytest.mark.parametrize("value", ["evil.example/", "evil.example?", "evil.example#", "a@b", "a b"])
def test_a_part_of_a_host_is_no_more_than_that(value):
    with pytest.raises(ConfigError, match="data for a host must not hold other parts"):
        url_of("https://{{v}}.b.example/x", True, v=value)
    for url in ("{{v}}", "{{v}}/x"):
        with pytest.raises(ConfigError, match=r"\$\.url: "):
            url_of(url, True, v=value)


def test_what_is_missing_is_said():
    with pytest.raises(TemplateError, match="'nobody' is missing"):
        url_of("https://a.example/{{nobody}}")


async def test_it_arrives_encoded(run, http_target):
    url = f"http://127.0.0.1:{http_target.port}/customers/{{{{id}}}}?name={{{{id}}}}"
    await run("call_webhook", {"url": url, "query": {"q": "{{id}}"}}, {"id": "../x?a=1&b#c"})
    assert http_target.received[0].target == (
        "/customers/..%2Fx%3Fa%3D1%26b%23c?name=..%2Fx%3Fa%3D1%26b%23c&q=..%2Fx%3Fa%3D1%26b%23c"
    )
