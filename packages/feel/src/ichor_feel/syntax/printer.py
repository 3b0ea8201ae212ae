"""Trees to text: one spelling for each, which parses to the same tree without names known."""

from __future__ import annotations

from typing import Final

from ichor_feel.syntax import tree
from ichor_feel.syntax.escapes import quote
from ichor_feel.syntax.names import is_plain
from ichor_feel.values.numbers import plain

_LOOSEST, _OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _UNARY, _INSTANCE, _TIGHTEST = range(10)
_CHAINS: Final = {"+": _ADD, "-": _ADD, "*": _MULTIPLY, "/": _MULTIPLY, "**": _POWER}


def name_text(name: str) -> str:
    """A name as it can stand anywhere: bare, or in backticks."""
    return name if is_plain(name) or name == "?" else f"`{name}`"


def to_text(node: tree.Node) -> str:
    """The expression as text. Deep trees are bounded by the parser."""
    return _print(node, _LOOSEST)


def _print(node: tree.Node, least: int) -> str:
    text, precedence = _render(node)
    return f"({text})" if precedence < least else text


def _render(node: tree.Node) -> tuple[str, int]:  # noqa: PLR0912 - one branch for each kind of node
    match node:
        case tree.Literal(value=None):
            return "null", _TIGHTEST
        case tree.Literal(value=bool() as value):
            return str(value).lower(), _TIGHTEST
        case tree.Literal(value=str() as value):
            return quote(value), _TIGHTEST
        case tree.Literal(value=value):
            return plain(value), _TIGHTEST  # type: ignore[arg-type]
        case tree.AtLiteral():
            return "@" + quote(node.text), _TIGHTEST
        case tree.Name():
            return name_text(node.name), _TIGHTEST
        case tree.Chain():
            level = _CHAINS[node.rest[0][0]]
            rest = "".join(f" {operator} {_print(one, level + 1)}" for operator, one in node.rest)
            return _print(node.first, level + 1) + rest, level
        case tree.Logic():
            level = _OR if node.operator == "or" else _AND
            between = f" {node.operator} "
            return between.join(_print(one, level + 1) for one in node.operands), level
        case tree.Comparison():
            left, right = _print(node.left, _COMPARE), _print(node.right, _ADD)
            return f"{left} {node.operator} {right}", _COMPARE
        case tree.Between():
            low, high = _print(node.low, _ADD), _print(node.high, _ADD)
            return f"{_print(node.value, _COMPARE)} between {low} and {high}", _COMPARE
        case tree.In():
            tests = ", ".join(map(_test, node.tests))
            return f"{_print(node.value, _COMPARE)} in ({tests})", _COMPARE
        case tree.Negation():
            return f"-{_print(node.value, _UNARY)}", _UNARY
        case tree.InstanceOf():
            return f"{_print(node.value, _INSTANCE)} instance of {node.type}", _INSTANCE
        case tree.UnaryTests():
            tests = ", ".join(map(_test, node.tests)) or "-"
            return f"not({tests})" if node.negated else tests, _TIGHTEST
        case _:
            return _render_more(node)


def _test(node: tree.Node) -> str:
    if isinstance(node, tree.UnaryTest):
        return f"{node.operator} {_print(node.value, _ADD)}"
    return _print(node, _LOOSEST)


def _render_more(node: tree.Node) -> tuple[str, int]:  # noqa: PLR0912 - the same
    match node:
        case tree.UnaryTest():
            return f"({_test(node)})", _TIGHTEST
        case tree.Path():
            target = _print(node.target, _TIGHTEST)
            # "1.a" would be read as a number.
            if isinstance(node.target, tree.Literal):
                target = f"({target})"
            return ".".join((target, *map(name_text, node.names))), _TIGHTEST
        case tree.Filter():
            return f"{_print(node.target, _TIGHTEST)}[{to_text(node.condition)}]", _TIGHTEST
        case tree.Call():
            return _call(node), _TIGHTEST
        case tree.Interval():
            opening, closing = "(["[node.start_included], ")]"[node.end_included]
            start, end = _print(node.start, _ADD), _print(node.end, _ADD)
            return f"{opening}{start}..{end}{closing}", _TIGHTEST
        case tree.ListOf():
            return f"[{', '.join(map(to_text, node.items))}]", _TIGHTEST
        case tree.ContextOf():
            entries = ", ".join(f"{_key(key)}: {to_text(value)}" for key, value in node.entries)
            return f"{{{entries}}}", _TIGHTEST
        case tree.FunctionOf():
            return _function(node), _LOOSEST
        case tree.For():
            return f"for {_domains(node.domains)} return {to_text(node.body)}", _LOOSEST
        case tree.Quantified():
            condition = to_text(node.condition)
            return f"{node.quantifier} {_domains(node.domains)} satisfies {condition}", _LOOSEST
        case tree.If():
            branches = "".join(
                f"if {to_text(condition)} then {to_text(value)} else "
                for condition, value in node.branches
            )
            otherwise = _print(node.otherwise, _LOOSEST)
            if isinstance(node.otherwise, tree.If):
                otherwise = f"({otherwise})"
            return branches + otherwise, _LOOSEST
        case _:
            raise TypeError(f"no text for {type(node).__name__}")


def _key(key: str) -> str:
    return key if is_plain(key) else quote(key)


def _call(node: tree.Call) -> str:
    arguments = [to_text(one) for one in node.arguments]
    if node.names is not None:
        names = map(name_text, node.names)
        arguments = [f"{name}: {one}" for name, one in zip(names, arguments, strict=True)]
    callee = node.callee
    bare = isinstance(callee, tree.Name) and is_spelled_bare(callee.name)
    target = callee.name if isinstance(callee, tree.Name) and bare else _print(callee, _TIGHTEST)
    return f"{target}({', '.join(arguments)})"


def is_spelled_bare(name: str) -> bool:
    """Whether every parser knows a name of several words: built-in functions."""
    from ichor_feel.functions import BUILT_INS

    return name in BUILT_INS


def _function(node: tree.FunctionOf) -> str:
    parameters = ", ".join(
        name_text(name) + (f": {kind}" if kind else "") for name, kind in node.parameters
    )
    return f"function({parameters}) {to_text(node.body) if node.body else 'external {}'}"


def _domains(domains: tuple[tree.Domain, ...]) -> str:
    return ", ".join(
        f"{name_text(one.name)} in {to_text(one.items)}"
        + (f"..{to_text(one.end)}" if one.end else "")
        for one in domains
    )
