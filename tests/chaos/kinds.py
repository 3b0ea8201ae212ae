"""The kinds of faults, in one table, and what each can be done to."""

from typing import Literal

from msgspec import Struct

Scope = Literal["process", "server", "link"]
"""A process of ours, a server behind it, or the connections between one of each."""


class FaultKind(Struct, frozen=True):
    """One way in which something fails."""

    name: str
    scopes: tuple[Scope, ...]
    does: str
    seconds: tuple[float, float]
    """Bounds of how long it lasts; for a crash and a restart: until it is started again."""


KINDS = (
    FaultKind("crash", ("process", "server"), "SIGKILL, then started again", (0, 4)),
    FaultKind(
        "restart",
        ("process", "server"),
        "SIGTERM (PostgreSQL: SIGINT), end awaited, then started again",
        (0, 2),
    ),
    FaultKind("pause", ("process", "server"), "SIGSTOP, then SIGCONT", (0.5, 8)),
    FaultKind("reset", ("link",), "every connection is reset (RST)", (0, 0)),
    FaultKind("refuse", ("link",), "connections are reset, new ones are refused", (0.5, 6)),
    FaultKind("latency", ("link",), "each chunk comes 50 to 500 ms late, both ways", (1, 6)),
    FaultKind("bandwidth", ("link",), "2 to 20 KB/s, both ways", (1, 6)),
    FaultKind(
        "black-hole",
        ("link",),
        "bytes are accepted and delivered to neither side; reset at the end",
        (0.5, 6),
    ),
    FaultKind(
        "reply-loss",
        ("link",),
        "the server gets every request, its replies are discarded; reset at the end",
        (0.5, 6),
    ),
    FaultKind(
        "partition",
        ("link",),
        "nothing passes either way, no new connection either; then what was held is delivered",
        (0.5, 8),
    ),
)
KIND = {kind.name: kind for kind in KINDS}

SERVERS = ("postgresql", "temporal", "rabbitmq")
PROCESSES = {
    "trigger-api": ("postgresql", "temporal"),
    "relay": ("postgresql", "temporal"),
    "worker": ("postgresql", "temporal", "rabbitmq"),
    "async-completer": ("postgresql", "temporal", "rabbitmq"),
    "inventory-service": ("postgresql", "rabbitmq"),
}
"""Every process, and the servers to which it connects."""
LINKS = tuple(f"{process}->{server}" for process, used in PROCESSES.items() for server in used)

TARGETS: dict[Scope, tuple[str, ...]] = {
    "process": tuple(PROCESSES),
    "server": SERVERS,
    "link": LINKS,
}
