"""The graphs of the load: rules whose effects name the event and the step that they are from.

A label is ``shape/number/step``; titles, subjects and paths are labels too.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.definition import EdgeType
from ichor_core.ids import ActionId

COUNTERS = 16
SKU = "article"
LIMIT = 50
"""Orders of more than this take the true branch."""

ROWS, COUNTER_TABLE = "chaos.rows", "chaos.counters"
DECLARED = {
    ROWS: {"key": "id", "columns": ["label", "detail"]},
    COUNTER_TABLE: {"key": "name", "columns": ["label"]},
}
TABLES = f"""
    CREATE SCHEMA chaos;
    CREATE TABLE chaos.rows (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text, detail text);
    CREATE TABLE chaos.counters (name text PRIMARY KEY, label text, touched bigint DEFAULT 0);
    CREATE TABLE chaos.changes (counter text, label text);
    CREATE FUNCTION chaos.note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.touched := OLD.touched + 1;
        INSERT INTO chaos.changes VALUES (NEW.name, NEW.label);
        RETURN NEW;
    END $$;
    CREATE TRIGGER note_change BEFORE UPDATE ON chaos.counters
        FOR EACH ROW EXECUTE FUNCTION chaos.note_change();
    INSERT INTO chaos.counters (name)
        SELECT 'counter-' || n FROM generate_series(0, {COUNTERS - 1}) AS n;"""


class Shape(Struct, frozen=True):
    """A rule: its graph, and which of its actions run."""

    name: str
    entity: str
    """Whose events set it off."""
    graph: GraphDefinition
    skipped: Callable[[int], frozenset[str]]
    """Names of the actions that do not run for the event of this number."""

    def runs(self, number: int) -> list[ActionNode]:
        """Return the actions that run for the event of this number."""
        skipped = self.skipped(number)
        return [action for action in self.graph.actions if action.name not in skipped]


def amount_of(number: int) -> int:
    """Return the amount of an event: half of them above the limit."""
    return number * 37 % 100


def vote_of(number: int) -> str:
    """Return how people decide what an event leads to."""
    return "rejected" if number % 7 in (1, 4) else "approved"


def data_of(number: int) -> dict[str, Any]:
    """Return the data of an event."""
    return {
        "number": number,
        "amount": amount_of(number),
        "counter": f"counter-{number % COUNTERS}",
    }


def label_of(shape: str, number: int, step: str) -> str:
    """Return what an effect is named by."""
    return f"{shape}/{number}/{step}"


def make_shapes(webhooks: str) -> dict[str, Shape]:
    """Return the shapes by name; `webhooks` is the URL of the system that they call."""
    steps = _Steps(webhooks)
    shapes = (
        steps.records("records", "record"),
        # Two rules for the same event.
        steps.records("left", "pair"),
        steps.records("right", "pair"),
        steps.branches(),
        steps.order(),
        steps.everything(),
    )
    return {shape.name: shape for shape in shapes}


class _Steps:
    """Makes graphs of actions whose ids are the same in every run."""

    def __init__(self, webhooks: str) -> None:
        self._webhooks = webhooks

    def records(self, name: str, entity: str) -> Shape:
        """Local effects one after the other."""
        first = _node(name, "first", "create_record", _row("amount {{amount}}"))
        count = _node(name, "count", "update_field", _COUNT)
        tell = _node(name, "tell", "create_alert", _TITLE)
        last = _node(name, "last", "create_record", _row("{{first.record.id}}"))
        return Shape(name, entity, _chain(first, count, tell, last), _none)

    def branches(self) -> Shape:
        """A condition, and behind it branches in parallel that join."""
        name = "branches"
        condition = {"field": "amount", "operator": "greater_than", "value": LIMIT}
        check = _node(name, "check", "evaluate_condition", {"condition": condition})
        small = _node(name, "small", "create_record", _row("amount {{amount}}"))
        call = _node(name, "call", "call_webhook", self._request())
        mail = _node(name, "mail", "send_email", _MAIL)
        count = _node(name, "count", "update_field", _COUNT)
        join = _node(name, "join", "create_record", _row("{{call.status}}"))
        middle = (call, mail, count)
        edges = [
            ActionEdge(check.id, "start"),
            _edge(check, small, "false_branch"),
            *(_edge(check, one, "true_branch") for one in middle),
            *(_edge(one, join) for one in middle),
        ]

        def skipped(number: int) -> frozenset[str]:
            if amount_of(number) > LIMIT:
                return frozenset({"small"})
            return frozenset({"call", "mail", "count", "join"})

        return Shape(name, name, GraphDefinition([check, small, *middle, join], edges), skipped)

    def order(self) -> Shape:
        """Another system reserves, a person decides."""
        name = "order"
        reserve, release = _node(name, "reserve", *_RESERVE), _node(name, "release", *_ASK)
        ship = _node(name, "ship", "create_record", _row("{{reserve.reservation_id}}"))
        mail = _node(name, "mail", "send_email", _MAIL)
        refuse = _node(name, "refuse", "create_record", _row("{{release.decided_by}}"))
        edges = [
            ActionEdge(reserve.id, "start"),
            _edge(reserve, release),
            _edge(release, ship, "true_branch"),
            _edge(ship, mail),
            _edge(release, refuse, "false_branch"),
        ]

        def skipped(number: int) -> frozenset[str]:
            approved = vote_of(number) == "approved"
            return frozenset({"refuse"} if approved else {"ship", "mail"})

        graph = GraphDefinition([reserve, release, ship, mail, refuse], edges)
        return Shape(name, name, graph, skipped)

    def everything(self) -> Shape:
        """Every kind of action: three branches that join, a decision, three more that join."""
        name = "everything"
        reserve = _node(name, "reserve", *_RESERVE)
        call = _node(name, "call", "call_webhook", self._request())
        first = _node(name, "first", "create_record", _row("amount {{amount}}"))
        count = _node(name, "count", "update_field", _COUNT)
        release = _node(name, "release", *_ASK)
        tell = _node(name, "tell", "create_alert", _TITLE)
        write = _node(name, "write", "create_record", _row("{{reserve.reservation_id}}"))
        mail = _node(name, "mail", "send_email", _MAIL)
        join = _node(name, "join", "create_record", _row("{{first.record.id}}"))
        refuse = _node(name, "refuse", "create_alert", _TITLE)
        before, behind = (reserve, call, count), (tell, write, mail)
        edges = [
            *(ActionEdge(one.id, "start") for one in (reserve, call, first)),
            _edge(first, count),
            *(_edge(one, release) for one in before),
            *(_edge(release, one, "true_branch") for one in behind),
            *(_edge(one, join) for one in behind),
            _edge(release, refuse, "false_branch"),
        ]

        def skipped(number: int) -> frozenset[str]:
            if vote_of(number) == "approved":
                return frozenset({"refuse"})
            return frozenset({"tell", "write", "mail", "join"})

        actions = [first, *before, release, *behind, join, refuse]
        return Shape(name, name, GraphDefinition(actions, edges), skipped)

    def _request(self) -> dict[str, Any]:
        return {"url": f"{self._webhooks}/{_LABEL}", "body": {"amount": "{{amount}}"}}


_LABEL = "SHAPE/{{number}}/STEP"
_TITLE = {"title": _LABEL}
_MAIL = {"to": "chaos@example.com", "subject": _LABEL, "text": "amount {{amount}}"}
_COUNT = {
    "table": COUNTER_TABLE,
    "where": {"field": "name", "operator": "equals", "value": "{{counter}}"},
    "field": "label",
    "value": _LABEL,
}
_RESERVE = (
    "allocate_inventory",
    {"order_id": _LABEL, "items": [{"sku": SKU, "quantity": 1}]},
)
_ASK = ("approval_request", _TITLE)


def _row(detail: str) -> dict[str, Any]:
    return {"table": ROWS, "values": {"label": _LABEL, "detail": detail}}


def _node(shape: str, step: str, action_type: str, config: dict[str, Any]) -> ActionNode:
    """Return an action, default limits, whose texts name it."""
    action_id = ActionId(str(uuid5(NAMESPACE_URL, f"chaos/{shape}/{step}")))
    return ActionNode(action_id, step, action_type, _named(config, shape, step))


def _named(value: Any, shape: str, step: str) -> Any:
    if isinstance(value, str):
        return value.replace("SHAPE", shape).replace("STEP", step)
    if isinstance(value, dict):
        items = cast(dict[str, Any], value).items()
        return {key: _named(one, shape, step) for key, one in items}
    if isinstance(value, list):
        return [_named(one, shape, step) for one in cast(list[Any], value)]
    return value


def _edge(source: ActionNode, target: ActionNode, edge_type: EdgeType = "sequence") -> ActionEdge:
    return ActionEdge(target.id, edge_type, source.id)


def _chain(*actions: ActionNode) -> GraphDefinition:
    edges = [ActionEdge(actions[0].id, "start")]
    edges += [_edge(*pair) for pair in pairwise(actions)]
    return GraphDefinition(list(actions), edges)


def _none(_number: int) -> frozenset[str]:
    return frozenset()
