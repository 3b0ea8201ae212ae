"""Approvals: what people are asked, and how they decide."""

from ichor_edgestore.migrations.scripts import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of approvals and decisions."""
    run_script("0002_approvals.sql")
