"""Indexes by which old rows are found."""

from ichor_edgestore.migrations.scripts import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the indexes."""
    run_script("0003_retention.sql")
