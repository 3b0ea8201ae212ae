"""Settings from files: what the variable `NAME_FILE` names holds the value of `NAME`.

As Docker and Kubernetes mount secrets. One line break at the end of a file is no part of the value.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

SUFFIX = "_FILE"


class SettingFileError(ValueError):
    """A `NAME_FILE` that cannot be used."""


def value_from_file(name: str, variables: Mapping[str, str] = os.environ) -> str | None:
    """Return the value of a variable from the file that `NAME_FILE` names.

    Args:
        name: of the variable.
        variables: by name; an empty one counts as not set.

    Returns:
        None where no file is named, or the file holds nothing.

    Raises:
        SettingFileError: the variable is set itself too, or the file cannot be read.
    """
    file = variables.get(name + SUFFIX)
    if not file:
        return None
    if variables.get(name):
        raise SettingFileError(f"{name} and {name}{SUFFIX}: set only one of them")
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingFileError(f"{name}{SUFFIX}: {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingFileError(f"{name}{SUFFIX}: {file} is not UTF-8") from error
    return text.removesuffix("\n").removesuffix("\r") or None


def file_problems(names: Iterable[str]) -> dict[str, str]:
    """Return what is wrong with the files of these variables, by variable."""
    problems: dict[str, str] = {}
    for name in names:
        try:
            value_from_file(name)
        except SettingFileError as error:
            problems[name] = str(error)
    return problems


class SettingFiles(PydanticBaseSettingsSource):
    """The values of all fields whose variable has a file; one that cannot be used gives none."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the text, the name of the field, and whether the text is JSON."""
        try:
            text = value_from_file(field_name.upper())
        except SettingFileError:
            text = None
        return text, field_name, self.field_is_complex(field)

    def __call__(self) -> dict[str, Any]:
        """Return the values by field."""
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            text, key, is_json = self.get_field_value(field, name)
            if text is not None:
                found[key] = self.prepare_field_value(name, field, text, is_json)
        return found
