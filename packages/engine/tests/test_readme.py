"""The example of the README works as it stands."""

import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example], capture_output=True, text=True, check=False
    )
    *logged, printed = done.stdout.splitlines()
    assert (printed, done.stderr) == ("['Greet']", "")
    assert all("Event accepted" in line for line in logged)
