"""``python -m ichor_core``: validates, simulates or draws a graph in a file."""

import sys

from ichor_core._cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
