"""``python -m ichor_core``: looks at a graph in a file, without any server."""

import sys

from ichor_core._cli import main

if __name__ == "__main__":
    sys.exit(main())
