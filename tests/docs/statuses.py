"""Which class of problem each code is raised as, read from the source: the class has the statuses."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, Problem, SetupWrong

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("gateway", "channels", "keys", "templates")

BY_AREA: Mapping[str, type[Problem]] = {
    "package": InputRefused,
    "decision": InputRefused,
    "document": InputRefused,
    "signer": InputRefused,
    "key": InputRefused,
    "rule": SetupWrong,
    "feed": InputRefused,
}
"""Areas whose codes some readers raise through a table: what a sender hands in is refused, what is ours is wrong."""


@cache
def classes() -> Mapping[Code, frozenset[type[Problem]]]:
    """The classes of each code. Raises LookupError for a code that nothing raises."""
    found: dict[str, set[str]] = defaultdict(set)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for code, name in _raised(ast.parse(path.read_text(encoding="utf-8"))):
                found[code].add(name)
    known = {one.__name__: one for one in _problem_classes()}
    return {code: _of(code, {known[name] for name in found[code.name]}) for code in Code}


def _of(code: Code, found: set[type[Problem]]) -> frozenset[type[Problem]]:
    area = code.split(".", maxsplit=1)[0]
    if not found and area in BY_AREA:
        return frozenset({BY_AREA[area]})
    if not found:
        raise LookupError(f"nothing raises {code}")
    return frozenset(found)


def _problem_classes() -> list[type[Problem]]:
    return [Problem, *Problem.__subclasses__()]


def _raised(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Code and class wherever a class of problem is called with a code, or a function calls one and names a code."""
    names = {one.__name__ for one in _problem_classes()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield from ((code, node.func.id) for code in _codes(node))
        elif isinstance(node, ast.FunctionDef):
            yield from _by_variable(node, names)


def _by_variable(function: ast.FunctionDef, names: set[str]) -> Iterator[tuple[str, str]]:
    """`code = A if … else B; raise InputRefused(code)`"""
    calls = [one for one in ast.walk(function) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)]
    for call in calls:
        first = call.args[0] if call.args else None
        if isinstance(call.func, ast.Name) and call.func.id in names and isinstance(first, ast.Name):
            assigned = [
                one.value
                for one in ast.walk(function)
                if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == first.id
            ]
            yield from ((code, call.func.id) for value in assigned for code in _codes(value))


def _codes(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "Code":
            yield one.attr
