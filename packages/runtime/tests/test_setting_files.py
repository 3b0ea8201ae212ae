"""Settings whose values are in files."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from ichor_runtime.errors import SettingsError
from ichor_runtime.settings import SettingsBlock, TemporalSettings, read_settings


class Settings(SettingsBlock):
    """One setting of each kind."""

    password: SecretStr
    port: int = 8000
    hosts: tuple[str, ...] = ()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PASSWORD", "PORT", "HOSTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def written(folder: Path, text: str) -> str:
    """Write a file and return its path."""
    file = folder / "value"
    file.write_bytes(text.encode())
    return str(file)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_value_may_come_from_a_file(monkeypatch, tmp_path, end: str):
    monkeypatch.setenv("PASSWORD_FILE", written(tmp_path, f" with blanks {end}"))
    assert read_settings(Settings).password.get_secret_value() == " with blanks "


def test_a_file_is_read_as_the_variable_would_be(monkeypatch, tmp_path):
    monkeypatch.setenv("PASSWORD", "secret")
    monkeypatch.setenv("HOSTS_FILE", written(tmp_path, '["a", "b"]\n'))
    assert read_settings(Settings).hosts == ("a", "b")


def test_both_are_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PASSWORD", "secret")
    monkeypatch.setenv("PASSWORD_FILE", written(tmp_path, "other"))
    with pytest.raises(SettingsError) as caught:
        read_settings(Settings)
    assert caught.value.problems == ["PASSWORD and PASSWORD_FILE: set only one of them"]


def test_an_empty_variable_beside_a_file_is_not_set(monkeypatch, tmp_path):
    monkeypatch.setenv("PASSWORD", "")
    monkeypatch.setenv("PASSWORD_FILE", written(tmp_path, "other"))
    assert read_settings(Settings).password.get_secret_value() == "other"


def test_every_file_that_cannot_be_used_is_reported_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("PASSWORD_FILE", str(tmp_path / "absent"))
    monkeypatch.setenv("HOSTS_FILE", str(tmp_path))
    monkeypatch.setenv("PORT_FILE", written(tmp_path, "eighty"))
    with pytest.raises(SettingsError) as caught:
        read_settings(Settings)
    assert sorted(problem.split()[0] for problem in caught.value.problems) == [
        "HOSTS_FILE:",
        "PASSWORD_FILE:",
        "PORT:",
    ]


def test_an_empty_file_sets_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("PASSWORD_FILE", written(tmp_path, "\n"))
    with pytest.raises(SettingsError, match="PASSWORD: is not set"):
        read_settings(Settings)


def test_a_file_that_is_not_text(monkeypatch, tmp_path):
    (tmp_path / "value").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("PASSWORD_FILE", str(tmp_path / "value"))
    with pytest.raises(SettingsError, match=r"PASSWORD_FILE: .* is not UTF-8"):
        read_settings(Settings)


def test_the_key_of_temporal_too(monkeypatch, tmp_path):
    monkeypatch.setenv("TEMPORAL_API_KEY_FILE", written(tmp_path, "key\n"))
    assert read_settings(TemporalSettings).temporal.api_key == "key"
    monkeypatch.setenv("TEMPORAL_API_KEY", "other")
    with pytest.raises(SettingsError, match="TEMPORAL_API_KEY and TEMPORAL_API_KEY_FILE"):
        read_settings(TemporalSettings)
