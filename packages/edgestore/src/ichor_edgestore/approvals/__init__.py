"""Approvals and their decisions."""

from ichor_edgestore.approvals.records import ApprovalFilter, StoredApproval
from ichor_edgestore.approvals.store import PostgresApprovalStore

__all__ = [
    "ApprovalFilter",
    "PostgresApprovalStore",
    "StoredApproval",
]
