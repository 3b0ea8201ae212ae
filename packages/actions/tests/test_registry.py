"""Actions by type, and those of installed distributions."""

import sys

import pytest
from msgspec import Struct

from ichor_actions import (
    ActionAttempt,
    ActionDefinitionError,
    ActionSpec,
    Registry,
    Resources,
    UnknownActionTypeError,
    action,
    discover,
)


class Config(Struct): ...


@action(type="one", title="One", kind="local")
async def one(config: Config, attempt: ActionAttempt) -> None: ...


@action(type="one", title="One again", kind="local")
async def same(config: Config, attempt: ActionAttempt) -> None: ...


class Two:
    spec = ActionSpec(type="two", title="Two", kind="sync", config=Config)

    async def execute(self, config: Config, attempt: ActionAttempt) -> None: ...


def test_actions_are_found_by_type_and_listed_in_order():
    two = Two()
    registry = Registry([two, one])
    assert registry.get("two") is two
    assert [item.type for item in registry.types()] == ["one", "two"]
    with pytest.raises(UnknownActionTypeError):
        registry.get("three")


def test_two_actions_of_one_type_are_both_named():
    with pytest.raises(ActionDefinitionError) as caught:
        Registry([one, Two(), same])
    assert str(caught.value) == (
        f"two actions have the type 'one': {__name__}.one and {__name__}.same"
    )
    with pytest.raises(ActionDefinitionError, match=r"Two and .*Two"):
        Registry([Two(), Two()])


def test_the_same_action_twice_is_one():
    assert len(Registry([one, one]).types()) == 1


MODULE = """
from ichor_actions import ActionAttempt, action, Resources
from msgspec import Struct

class Config(Struct): ...

@action(type="single", title="Single", kind="local")
async def single(config: Config, attempt: ActionAttempt) -> None: ...

@action(type="made", title="Made", kind="local")
async def made(config: Config, attempt: ActionAttempt) -> None: ...

def several(resources):
    assert isinstance(resources, Resources)
    return [made]

def broken(resources):
    raise OSError("no such thing")

def wrong(resources):
    return ["text"]
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a distribution whose entry points are given as lines."""

    def install(*points: str) -> None:
        name = "installed_actions_" + str(len(points)) + points[0].partition(" ")[0]
        (tmp_path / f"{name}.py").write_text(MODULE)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = "\n".join(point.replace("MODULE", name) for point in points)
        (info / "entry_points.txt").write_text(f"[ichor.actions]\n{lines}\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]

    return install


def test_entry_points_are_actions_or_make_them(installed):
    installed("z = MODULE:single", "a = MODULE:several")
    found = discover(Resources())
    assert [item.spec.type for item in found] == ["made", "single"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("broken", "OSError"),
        ("wrong", "'text' is not an action"),
        ("absent", "AttributeError"),
    ],
)
def test_an_entry_point_that_fails_is_named(installed, name, problem):
    installed(f"{name} = MODULE:{name}")
    with pytest.raises(ActionDefinitionError, match=problem) as caught:
        discover(Resources())
    assert f"entry point '{name}'" in str(caught.value)
    assert caught.value.__cause__ is not None
