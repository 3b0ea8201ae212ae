"""Free ports of the loopback interface."""

import random
import socket

LOOPBACK = "127.0.0.1"

# Below the range from which the system takes the source ports of outgoing connections: a port
# stays free between its choice and its use, and while a server that is to come back is down.
_FIRST, _LAST = 15_000, 32_000
_ATTEMPTS = 200


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 on which nothing listens.

    Raises:
        OSError: none of many tried ports is free.
    """
    for _ in range(_ATTEMPTS):
        port = random.randint(_FIRST, _LAST)  # noqa: S311 - not a secret
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port found between {_FIRST} and {_LAST}")
