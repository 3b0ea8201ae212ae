"""Models of the kit: decisions that are one literal expression, and types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from ichor_feel.errors import ParseError
from ichor_feel.syntax.type_parser import parse_type
from ichor_feel.values.types import ANY, ContextType, FunctionType, ListType, Type


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: its expression, the names of its inputs, and the type it declares."""

    expression: str
    inputs: tuple[str, ...]
    result_type: str | None


@dataclass(frozen=True, slots=True)
class Model:
    """The decisions of a model that can be evaluated alone, and its types."""

    decisions: dict[str, Decision]
    types: dict[str, Type]


_NEEDS: Final = frozenset({"requiredDecision", "requiredKnowledge"})


def read_model(path: Path) -> Model:
    """A model by its file."""
    root = ElementTree.parse(path).getroot()  # noqa: S314 - a checkout that the user names
    inputs = {
        f"#{one.get('id')}": one.get("name", "") for one in root if _local(one) == "inputData"
    }
    decisions: dict[str, Decision] = {}
    for element in root:
        if _local(element) == "decision":
            decision = _decision(element, inputs)
            if decision is not None:
                decisions[element.get("name", "")] = decision
    types = {one.get("name", ""): _type(one) for one in root if _local(one) == "itemDefinition"}
    return Model(decisions, types)


def _decision(element: ElementTree.Element, inputs: dict[str, str]) -> Decision | None:
    text: str | None = None
    kind: str | None = None
    names: list[str] = []
    for child in element:
        match _local(child):
            case "literalExpression":
                text = next((one.text for one in child if _local(one) == "text"), None)
            case "variable":
                kind = child.get("typeRef")
            case "informationRequirement" | "knowledgeRequirement":
                for needed in child:
                    if _local(needed) in _NEEDS:
                        return None
                    names.append(inputs.get(needed.get("href", ""), ""))
            case _:
                pass
    if text is None or "external" in text.split("{")[0]:
        return None
    return Decision(text, tuple(names), kind.removeprefix("feel:") if kind else None)


def _type(element: ElementTree.Element) -> Type:
    found = _inner_type(element)
    return ListType(found) if element.get("isCollection") == "true" else found


def _inner_type(element: ElementTree.Element) -> Type:
    components: list[tuple[str, Type]] = []
    for child in element:
        match _local(child):
            case "typeRef":
                return _named(child.text)
            case "itemComponent":
                components.append((child.get("name", ""), _type(child)))
            case "functionItem":
                parameters = tuple(_named(one.get("typeRef")) for one in _parameters(child))
                return FunctionType(parameters, _named(child.get("outputTypeRef")))
            case _:
                pass
    return ContextType(tuple(components)) if components else ANY


def _parameters(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (one for one in element if _local(one) == "parameters")


def _named(text: str | None) -> Type:
    if not text:
        return ANY
    try:
        return parse_type(text.strip().removeprefix("feel:"))
    except ParseError:
        return ANY


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
