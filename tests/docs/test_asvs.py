"""The list of what ASVS asks names tests that there are."""

import re
from pathlib import Path

import pytest

from tests.docs.test_threats import functions_of

TEXT = (Path(__file__).parents[2] / "docs/asvs.md").read_text()
ROWS = [line.split("|")[1:-1] for line in TEXT.splitlines() if line.startswith("|") and "`tests/" in line]
NAMED = [(row[0].strip(), *found) for row in ROWS for found in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[-1])]


def test_every_item_stands_once_with_what_holds_and_its_tests() -> None:
    items = [row[0].strip() for row in ROWS]
    assert len(items) == len(set(items)) > 30
    assert {item for item, _, _ in NAMED} == set(items)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", one) for one in items)
    assert all(part.strip() for row in ROWS for part in row)
    assert "## Not held" in TEXT


@pytest.mark.parametrize(("item", "path", "name"), NAMED, ids=[f"{item} {name}" for item, _, name in NAMED])
def test_a_test_that_is_named_is_there(item: str, path: str, name: str) -> None:
    assert name in functions_of(path), item
