"""The threat model names tests that there are."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [line.split("|")[1:-1] for line in (ROOT / "docs/threats.md").read_text().splitlines() if "`tests/" in line]
NAMED = [tuple(found) for row in ROWS for found in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[-1])]


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def test_every_threat_names_its_kind_what_holds_and_a_test() -> None:
    assert len(ROWS) > 30
    for threat, kinds, holds, _ in ROWS:
        assert threat.strip()
        assert holds.strip()
        assert set(kinds.split()) <= set("STRIDE"), threat
    assert len(NAMED) == len(ROWS)


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_is_there(path: str, name: str) -> None:
    assert name in functions_of(path)
