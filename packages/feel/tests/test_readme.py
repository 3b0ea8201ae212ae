"""The examples of the README run."""

import re
from pathlib import Path

_TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_examples():
    examples = re.findall(r"```python\n(.*?)```", _TEXT, re.DOTALL)
    assert examples
    scope: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "README.md", "exec"), scope)
