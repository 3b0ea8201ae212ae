"""Each member in an environment that holds it, what it needs, and nothing else."""

import json
from pathlib import Path

import pytest

from tests.reuse.kit.environment import make_environment
from tests.reuse.kit.wheels import MEMBERS, ROOT, Wheel

_LOAD = """
import importlib, importlib.metadata as metadata, json, pkgutil, sys
root = importlib.import_module(sys.argv[1])
loaded = [root.__name__]
for module in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
    if not module.name.endswith((".__main__", ".migrations.env")):  # which run at once
        importlib.import_module(module.name)
        loaded.append(module.name)
origins = {
    item.name: json.loads(item.read_text("direct_url.json") or "{}").get("url", "")
    for item in metadata.distributions() if item.name.startswith("ichor-")
}
print(json.dumps({"path": sys.path, "loaded": loaded, "origins": origins}))
"""


@pytest.mark.parametrize("name", MEMBERS)
def test_it_works_alone(wheels: dict[str, Wheel], name: str, tmp_path: Path):
    """Every module can be imported; what it needs came from our wheels, and nothing from here."""
    environment = make_environment(tmp_path / "environment", name, wheels)

    found = json.loads(environment.run("python", "-I", "-c", _LOAD, wheels[name].module))

    assert len(found["loaded"]) > 1
    assert not [entry for entry in found["path"] if Path(entry).is_relative_to(ROOT)]
    assert {url.partition("://")[0] for url in found["origins"].values()} == {"file"}
    for script in environment.scripts.glob("ichor-*"):
        assert "Usage: " in environment.run(script.name, "--help")
