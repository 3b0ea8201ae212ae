"""docs/reference/feel-functions.md: every built-in function of FEEL, from the package's table."""

from docs.generator.markdown import page

from ichor_feel.reference import functions_markdown


def feel_page() -> str:
    """Return the page."""
    heading, _, body = functions_markdown().partition("\n\n")
    return page(heading.removeprefix("# "), body.rstrip())
