"""Runs the command line."""

from ichor_edgestore.cli import main

raise SystemExit(main())
