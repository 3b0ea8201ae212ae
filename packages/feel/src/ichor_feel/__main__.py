"""``python -m ichor_feel EXPRESSION``."""

import sys

from ichor_feel.cli import main

if __name__ == "__main__":
    sys.exit(main())
