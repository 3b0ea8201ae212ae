"""Cases of a checkout of the kit: its test files, and the models they are about.

Taken are decisions that are one literal expression of FEEL; those that call Java, or need another
decision, a business knowledge model or a decision service, are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from ichor_feel.kit.case import Case
from ichor_feel.kit.model import Model, read_model
from ichor_feel.kit.values import scalar

_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def cases_of_checkout(root: Path) -> Iterator[Case]:
    """Every case below a folder, in the order of paths; files that are no XML raise ParseError."""
    models: dict[Path, Model | None] = {}
    for path in sorted(root.rglob("*-test-*.xml")):
        tests = ElementTree.parse(path).getroot()  # noqa: S314 - a checkout that the user names
        name = _child_text(tests, "modelName") or ""
        model_path = path.parent / name
        if model_path not in models:
            models[model_path] = read_model(model_path) if model_path.is_file() else None
        model = models[model_path]
        if model is not None:
            yield from _cases(path, tests, model)


def _cases(path: Path, tests: ElementTree.Element, model: Model) -> Iterator[Case]:
    for test in children(tests, "testCase"):
        context = {node.get("name", ""): _node_value(node) for node in children(test, "inputNode")}
        for result in children(test, "resultNode"):
            decision = model.decisions.get(result.get("name", ""))
            if decision is None or result.get("type", "decision") != "decision":
                continue
            expected = next(children(result, "expected"), None)
            yield Case(
                name=f"{path.parent.name}/{path.name}#{test.get('id')}:{result.get('name')}",
                expression=decision.expression,
                context={name: context.get(name) for name in decision.inputs},
                expected=None if expected is None else _node_value(expected),
                expects_error=result.get("errorResult") == "true",
                result_type=decision.result_type,
                types=model.types,
            )


def _node_value(node: ElementTree.Element) -> Any:
    """The value of an element with a value, a list, or components."""
    for child in node:
        match local_name(child):
            case "value":
                return _scalar(child)
            case "list":
                return [_node_value(item) for item in children(child, "item")]
            case "component":
                return _components(node)
            case _:
                pass
    return None


def _components(node: ElementTree.Element) -> Mapping[str, Any]:
    return {one.get("name", ""): _node_value(one) for one in children(node, "component")}


def _scalar(value: ElementTree.Element) -> Any:
    if value.get(_NIL) == "true":
        return None
    kind = value.get(_TYPE, "xsd:string").rpartition(":")[2]
    return scalar(kind, value.text or "")


def local_name(element: ElementTree.Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Children with a tag, of any namespace."""
    return (child for child in element if local_name(child) == name)


def _child_text(element: ElementTree.Element, name: str) -> str | None:
    return next((child.text for child in children(element, name)), None)
