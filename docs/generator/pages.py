"""The pages that are written from code."""

from pathlib import Path

from docs.generator.action_types import action_types_page
from docs.generator.commands import commands_page
from docs.generator.configuration import configuration_page
from docs.generator.feel_functions import feel_page
from docs.generator.http_interface import http_page
from docs.generator.python_interface import python_page

FOLDER = Path(__file__).parents[1] / "reference"


def reference_pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    return {
        "action-types.md": action_types_page(),
        "cli.md": commands_page(),
        "configuration.md": configuration_page(),
        "feel-functions.md": feel_page(),
        "http.md": http_page(),
        "python.md": python_page(),
    }
