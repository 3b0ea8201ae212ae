import pytest

from ichor_runtime.errors import SettingsError
from ichor_runtime.settings import (
    DatabaseSettings,
    HttpSettings,
    ProcessSettings,
    TemporalSettings,
    load_settings,
    read_settings,
)

SECRET = "do-not-show"


class Settings(DatabaseSettings, TemporalSettings, HttpSettings, ProcessSettings):
    port: int = 8080


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in ("PORT", "HOST", "LOG_LEVEL", "LOG_FORMAT", "SHUTDOWN_GRACE_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"postgresql://ichor:{SECRET}@db:5432/ichor")


def test_blocks_are_composed_and_defaults_hold(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "orders")
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    monkeypatch.setenv("HOST", "")
    settings = load_settings(Settings)
    assert settings.database_url.get_secret_value().endswith("@db:5432/ichor")
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8080, "warning")
    assert settings.temporal.address == "temporal.example:7233"
    assert settings.temporal.namespace == "orders"


def test_temporal_is_read_from_its_own_configuration_file(monkeypatch, tmp_path):
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default]\naddress = "from-file:7233"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    assert read_settings(TemporalSettings).temporal.address == "from-file:7233"


def test_every_wrong_variable_is_reported_at_once(monkeypatch, capsys):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    monkeypatch.setenv("SHUTDOWN_GRACE_SECONDS", "-1")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "nowhere")
    with pytest.raises(SystemExit) as stopped:
        load_settings(Settings)
    assert stopped.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Invalid environment variables:"
    assert sorted(line.split()[0] for line in lines[1:]) == [
        "DATABASE_URL:",
        "LOG_FORMAT:",
        "PORT:",
        "SHUTDOWN_GRACE_SECONDS:",
        "TEMPORAL_ADDRESS:",
    ]
    assert any("DATABASE_URL: is not set" in line for line in lines)
    assert any("'eighty'" in line for line in lines)


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://ichor:{SECRET}@db/ichor",
        f"postgresql://ichor:{SECRET}@db:port/ichor",
        f"postgresql+asyncpg://ichor:{SECRET}@db/ichor",
        SECRET,
    ],
)
def test_a_wrong_secret_is_named_but_not_shown(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError, match="DATABASE_URL: expected postgresql://") as caught:
        read_settings(Settings)
    assert SECRET not in str(caught.value)


def test_secrets_are_masked_in_the_settings(monkeypatch):
    monkeypatch.setenv("TEMPORAL_API_KEY", SECRET)
    settings = read_settings(Settings)
    assert settings.temporal.api_key == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TEMPORAL_TLS", "maybe", "TEMPORAL_TLS: expected true or false"),
        ("TEMPORAL_CONFIG_FILE", "none.toml", "TEMPORAL_CONFIG_FILE: no such file: none.toml"),
        ("TEMPORAL_PROFILE", "none", "Profile 'none' not found"),
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", "none.pem", "none.pem"),
    ],
)
def test_what_temporal_cannot_use_is_reported(monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=message) as caught:
        read_settings(TemporalSettings)
    assert len(caught.value.problems) == 1
    assert "TEMPORAL_" in caught.value.problems[0]
