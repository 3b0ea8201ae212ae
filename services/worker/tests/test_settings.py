"""The worker's environment variables, and what actions get of them."""

import base64

import pytest

from ichor_edgestore.effects import DeclaredTable
from ichor_edgestore.memory import MemoryEffectStore, MemoryState
from ichor_runtime.errors import SettingsError
from ichor_runtime.settings import read_settings
from ichor_worker.bootstrap import publisher_of, reply_tokens_of, resources_of, version_of
from ichor_worker.settings import WorkerSettings

DSN = "postgresql://user:password@localhost/ichor"


@pytest.fixture
def effects():
    return MemoryEffectStore(MemoryState(), {})


def test_defaults(monkeypatch, effects):
    monkeypatch.setenv("DATABASE_URL", DSN)
    settings = read_settings(WorkerSettings)
    assert (settings.host, settings.port) == ("127.0.0.1", 8001)
    resources = resources_of(settings, effects)
    assert resources.mail is None
    assert resources.http.allowed_targets == ()
    assert "user:password" not in repr(settings)


def test_everything(monkeypatch, effects):
    monkeypatch.setenv("DATABASE_URL", DSN)
    monkeypatch.setenv(
        "DECLARED_TABLES", '{"public.orders": {"columns": ["status", "total"], "key": "id"}}'
    )
    monkeypatch.setenv("SMTP_HOST", "mail.example.com")
    monkeypatch.setenv("SMTP_SENDER", "Shop <shop@example.com>")
    monkeypatch.setenv("SMTP_PASSWORD", "hidden")
    monkeypatch.setenv("WEBHOOK_ALLOWED_TARGETS", '["10.0.0.0/8"]')
    settings = read_settings(WorkerSettings)
    assert settings.declared_tables == {
        "public.orders": DeclaredTable(columns=("status", "total"), key="id")
    }
    resources = resources_of(settings, effects)
    assert resources.mail.host == "mail.example.com"
    assert resources.mail.password == "hidden"
    assert resources.http.allowed_targets == ("10.0.0.0/8",)
    assert "hidden" not in repr(settings)


def test_every_fault_is_named_at_once(monkeypatch):
    monkeypatch.setenv("PORT", "99999")
    monkeypatch.setenv("DECLARED_TABLES", '{"public.orders": {"columns": "status"}}')
    monkeypatch.setenv("MAX_CONCURRENT_ACTIVITIES", "0")
    with pytest.raises(SettingsError) as caught:
        read_settings(WorkerSettings)
    text = "\n".join(caught.value.problems)
    for name in ("DATABASE_URL", "PORT", "DECLARED_TABLES", "MAX_CONCURRENT_ACTIVITIES"):
        assert name in text


def test_proxies_and_the_size_of_replies(monkeypatch, effects):
    monkeypatch.setenv("DATABASE_URL", DSN)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hidden@proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "localhost, .internal,10.0.0.0/8")
    monkeypatch.setenv("WEBHOOK_MAX_RESPONSE_BYTES", "2048")
    settings = read_settings(WorkerSettings)
    http = resources_of(settings, effects).http
    assert http.https_proxy == "http://user:hidden@proxy.example:3128"
    assert (http.http_proxy, http.max_response_bytes) == (None, 2048)
    assert [entry.strip() for entry in http.no_proxy] == ["localhost", ".internal", "10.0.0.0/8"]
    assert "hidden" not in repr(settings) + repr(http)


def test_what_is_no_proxy_and_no_certificate_is_named(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", DSN)
    monkeypatch.setenv("HTTPS_PROXY", "proxy-hidden:3128")
    monkeypatch.setenv("CA_CERTIFICATES", "nothing")
    with pytest.raises(SettingsError) as caught:
        read_settings(WorkerSettings)
    text = "\n".join(caught.value.problems)
    assert "HTTPS_PROXY" in text
    assert "CA_CERTIFICATES" in text
    assert "expected certificates in PEM" in text
    assert "hidden" not in text


def test_mail_needs_host_and_sender(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", DSN)
    monkeypatch.setenv("SMTP_HOST", "mail.example.com")
    with pytest.raises(SettingsError, match="SMTP_SENDER"):
        read_settings(WorkerSettings)


def test_messages_need_broker_and_keys(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", DSN)
    assert publisher_of(read_settings(WorkerSettings)) is None
    assert reply_tokens_of(read_settings(WorkerSettings)) is None
    monkeypatch.setenv("AMQP_URL", "amqp://user:hidden@localhost/")
    with pytest.raises(SettingsError, match="REPLY_TOKEN_KEYS"):
        read_settings(WorkerSettings)
    monkeypatch.setenv("REPLY_TOKEN_KEYS", "aGlkZGVu")
    with pytest.raises(SettingsError, match="key 1 is not base64 of 32 bytes") as caught:
        read_settings(WorkerSettings)
    assert "aGlkZGVu" not in str(caught.value)
    monkeypatch.setenv("REPLY_TOKEN_KEYS", base64.b64encode(b"k" * 32).decode())
    settings = read_settings(WorkerSettings)
    assert publisher_of(settings) is not None
    assert reply_tokens_of(settings) is not None
    assert "hidden" not in repr(settings)


def test_a_version_needs_deployment_and_build(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", DSN)
    assert version_of(read_settings(WorkerSettings)) is None
    monkeypatch.setenv("TEMPORAL_WORKER_BUILD_ID", "2")
    with pytest.raises(SettingsError, match="TEMPORAL_WORKER_DEPLOYMENT_NAME"):
        read_settings(WorkerSettings)
    monkeypatch.setenv("TEMPORAL_WORKER_DEPLOYMENT_NAME", "ichor")
    version = version_of(read_settings(WorkerSettings))
    assert version.to_canonical_string() == "ichor.2"
