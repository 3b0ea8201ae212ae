"""promtool: that on the path, or that of Debian's package prometheus, which is not installed."""

import shutil
import subprocess
from pathlib import Path

_TOOLS = Path(__file__).parents[3] / ".ichor" / "prometheus"


def find_promtool() -> Path | None:
    """Return the program; None where it is neither there nor can be fetched."""
    found = shutil.which("promtool")
    if found is not None:
        return Path(found)
    program = _TOOLS / "usr/bin/promtool"
    if not program.exists() and shutil.which("apt-get") and shutil.which("dpkg"):
        _fetch()
    return program if program.exists() else None


def _fetch() -> None:
    _TOOLS.mkdir(parents=True, exist_ok=True)
    command = ["apt-get", "-q", "download", "prometheus"]
    done = subprocess.run(command, cwd=_TOOLS, capture_output=True, timeout=120, check=False)
    if done.returncode:
        return
    (package,) = _TOOLS.glob("prometheus_*.deb")
    subprocess.run(["dpkg", "-x", package, _TOOLS], check=True)
    package.unlink()
