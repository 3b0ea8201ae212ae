"""How the documentation becomes a site: ``make docs``.

The source folder is the repository: every README is a page, and links between them work as they do
where the repository is read.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Ichor"
html_title = "Ichor"
root_doc = "docs/README"
extensions = ["myst_parser", "diagrams", "folder_links", "navigation"]
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/*.md",
    "docs/decisions/*.md",
    "docs/how-to/*.md",
    "docs/reference/*.md",
    "packages/*/README.md",
    "services/*/README.md",
    "infra/**README.md",
    "examples/*/README.md",
    "tests/conformance/README.md",
]
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]

html_theme = "furo"
html_extra_path = ["start"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
