"""Records that actions change in memory, once for each effect key."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec

from ichor_core.contract import EffectKey
from ichor_core.errors import InvalidInputError
from ichor_core.expressions import condition_holds, lookup_in
from ichor_edgestore.alerts.records import Alert, AlertDraft
from ichor_edgestore.effects.store import read_alert
from ichor_edgestore.effects.tables import DeclaredTables, check_values, find_table, parse_where
from ichor_edgestore.memory.state import MemoryState, copied, now


class MemoryEffectStore:
    """`ichor_edgestore.effects.store.PostgresEffectStore` in memory; columns have no types here."""

    def __init__(self, state: MemoryState, tables: DeclaredTables) -> None:
        self._state = state
        self._tables = tables

    async def create_record(
        self, key: EffectKey, table: str, values: dict[str, Any]
    ) -> dict[str, Any]:
        """Insert a row into a declared table; without a key it gets a new one."""
        declared = find_table(self._tables, table)
        check_values(declared, table, values)

        def insert() -> dict[str, Any]:
            row = dict.fromkeys(declared.readable) | copied(values, dict[str, Any])
            row[declared.key] = row[declared.key] or str(uuid4())
            self._state.tables.setdefault(table, []).append(row)
            return {"created": True, "record": dict(row)}

        return self._run_once(key, insert)

    async def update_records(
        self, key: EffectKey, table: str, changes: dict[str, Any], where: Any
    ) -> dict[str, Any]:
        """Change the rows of a declared table that fulfil the condition `where`."""
        declared = find_table(self._tables, table)
        check_values(declared, table, changes)
        if not changes:
            raise InvalidInputError("no changes are given", table)
        condition = parse_where(declared, table, where)

        def update() -> dict[str, Any]:
            rows = self._state.tables.get(table, [])
            selected = [row for row in rows if condition_holds(condition, lookup_in(row))]
            for row in selected:
                row.update(copied(changes, dict[str, Any]))
            return {"updated": len(selected)}

        return self._run_once(key, update)

    async def create_alert(self, key: EffectKey, alert: dict[str, Any]) -> dict[str, Any]:
        """Store an alert: `title`, `message`, `severity`, `recipients`, `details`."""
        draft = read_alert(alert)

        def insert() -> dict[str, Any]:
            execution = self._state.executions.get(key.execution_id)
            stored = Alert(
                id=str(uuid4()),
                execution_id=key.execution_id,
                rule_id=execution.rule_id if execution else None,
                created_at=now(),
                **msgspec.structs.asdict(copied(draft, AlertDraft)),
            )
            self._state.alerts.append(stored)
            return {"alert_id": stored.id}

        return self._run_once(key, insert)

    def _run_once(self, key: EffectKey, effect: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if str(key) not in self._state.effects:
            self._state.effects[str(key)] = effect()
        return copied(self._state.effects[str(key)], dict[str, Any])
