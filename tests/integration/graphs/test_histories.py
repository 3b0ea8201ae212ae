"""Every shape of graph is recorded for every version of the interpreter that had it."""

import pytest

from ichor_core.contract import INTERPRETER_VERSION
from tests.kit.record_histories import FOLDER, NAMES, missing


@pytest.mark.parametrize("kind", NAMES)
def test_every_shape_is_recorded(kind: str):
    assert missing(FOLDER / f"v{INTERPRETER_VERSION}", kind) == []
