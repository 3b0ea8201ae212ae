"""Docstrings of fields, as far as there is source."""

import sys
from types import ModuleType

from msgspec import Struct, field

from ichor_actions.definition.docstrings import field_docstrings, property_docstrings, structs_in


class Base(Struct):
    """A base."""

    name: str
    """Whom to greet,
    and how."""
    other: int = 0


class Derived(Base):
    other: int = 1
    """Something else."""
    for_: list["Base"] = field(default_factory=list["Base"], name="for")
    """For whom."""

    class Nested(Struct):
        a: int
        """Inside."""


def test_fields_are_described_through_bases_and_by_their_names_in_json():
    assert field_docstrings(Derived) == {
        "name": "Whom to greet, and how.",
        "other": "Something else.",
        "for_": "For whom.",
    }
    assert property_docstrings(Derived)["for"] == "For whom."
    assert field_docstrings(Derived.Nested) == {"a": "Inside."}


def test_a_class_in_a_function_is_found():
    class Local(Struct):
        a: int
        """Here."""

    assert field_docstrings(Local) == {"a": "Here."}


def test_without_source_there_is_nothing(monkeypatch):
    module = ModuleType("no_source")
    monkeypatch.setitem(sys.modules, "no_source", module)
    exec("import msgspec\nclass A(msgspec.Struct):\n    a: int\n    '''Lost.'''", module.__dict__)
    assert module.A.__module__ == "no_source"
    assert field_docstrings(module.A) == {}
    assert field_docstrings(int) == {}


def test_all_structs_inside_are_found():
    found = structs_in(Derived)
    assert found["Base"] is Base
    assert set(found.values()) == {Base, Derived}
