"""The first schema."""

from ichor_edgestore.migrations.scripts import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of the schema `workflow`."""
    run_script("0001_initial.sql")
