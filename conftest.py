"""Tests are collected without garbage collection.

While CPython 3.11 turns source into a syntax tree, a collection of garbage may run code that makes
another one; the first then ends in a SystemError about recursion depth. It happened once in a
hundred runs.
"""

import contextlib
import gc
import importlib

gc.disable()
with contextlib.suppress(ImportError):  # a package that is tested alone may not have it
    # Its plugin would import it at the end of the run, when garbage is collected again.
    importlib.import_module("hypothesis")


def pytest_collection_finish() -> None:
    """Collect garbage from here on."""
    gc.enable()
