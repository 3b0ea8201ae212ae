"""Indexes by which alerts are found."""

from ichor_edgestore.migrations.scripts import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the indexes."""
    run_script("0004_alerts.sql")
