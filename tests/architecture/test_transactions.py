"""No use case asks anything far away while it holds a transaction: a store that hangs would hang every writer."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_house import ROOT, relative

ROOMS = sorted((ROOT / "gateway/application").rglob("*.py"))
OPENED = (".write()", ".read()", ".look_up()")
AFAR = {
    ("vault", "put"),
    ("vault", "get"),
    ("vault", "delete"),
    ("objects", "put"),
    ("objects", "get"),
    ("mailer", "send"),
}
"""What may go over a network, by what it is asked of: a port of that name, private or not."""


def asks_afar(call: ast.Call) -> bool:
    """Whether it may go over a network: `put` alone is what `Vault.keeping` gives."""
    match call.func:
        case ast.Attribute(value=ast.Attribute(attr=port) | ast.Name(id=port), attr=act):
            return (port.lstrip("_"), act) in AFAR
        case ast.Name(id=name):
            return name == "put"
    return False


def within(call: ast.Call) -> str | None:
    """Which function of the same module it calls, if it is one."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
    return None


def calls_of(node: ast.AST) -> list[ast.Call]:
    return [one for one in ast.walk(node) if isinstance(one, ast.Call)]


def asking(tree: ast.Module) -> set[str]:
    """The functions that ask, or call one that does."""
    functions = {one.name: calls_of(one) for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    found: set[str] = set()
    while True:
        more = {
            name for name, calls in functions.items() if any(asks_afar(one) or within(one) in found for one in calls)
        }
        if more == found:
            return found
        found = more


def in_transactions(tree: ast.Module) -> Iterator[ast.AST]:
    """What is done while one is open: the block of one, and whatever is given one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(ast.unparse(one.context_expr).endswith(OPENED) for one in node.items):
            yield from node.body
        if isinstance(node, ast.FunctionDef) and any(
            one.annotation is not None and ast.unparse(one.annotation) == "Transaction" for one in node.args.args
        ):
            yield node


def asked_meanwhile(source: str) -> list[str]:
    """What the module asks of something far away while a transaction is open."""
    tree = ast.parse(source)
    far = asking(tree)
    return [
        f"{call.lineno}: {ast.unparse(call.func)}"
        for block in in_transactions(tree)
        for call in calls_of(block)
        if asks_afar(call) or within(call) in far
    ]


@pytest.mark.parametrize("room", ROOMS, ids=relative)
def test_nothing_far_away_is_asked_while_a_transaction_is_open(room: Path) -> None:
    assert asked_meanwhile(room.read_text()) == []


@pytest.mark.parametrize(
    "body",
    [
        "with self._database.write() as tx:\n            self._vault.put(key, where, raw)",
        "with self._database.write() as tx:\n            self._keep(tx)\n\n    def _keep(self, tx):\n"
        "        self._vault.put(key, where, raw)",
        "with keeping() as put, self._database.write() as tx:\n            put(key, where, raw)",
        "pass\n\n    def _keep(self, tx: Transaction):\n        self._vault.get(key, where, name)",
    ],
    ids=["in its block", "by a method", "by what keeping gives", "by what is given one"],
)
def test_what_asks_in_a_transaction_is_found(body: str) -> None:
    assert asked_meanwhile(f"class UseCase:\n    def __call__(self):\n        {body}\n")
