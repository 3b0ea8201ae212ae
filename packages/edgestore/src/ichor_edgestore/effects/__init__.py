"""Effects of actions on declared tables, each once, and conditions as SQL."""

from ichor_edgestore.effects.store import PostgresEffectStore
from ichor_edgestore.effects.tables import DeclaredTable

__all__ = [
    "DeclaredTable",
    "PostgresEffectStore",
]
