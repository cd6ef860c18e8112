"""Decisions are found by their number: each number stands once, in the name and in the heading."""

import re
from pathlib import Path

DECISIONS = sorted((Path(__file__).resolve().parents[2] / "docs/adr").glob("*.md"))


def test_each_decision_has_a_number_of_its_own_and_none_is_left_out() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_heading_bears_the_number_of_the_name() -> None:
    headings = [path.read_text(encoding="utf-8").split("\n", 1)[0] for path in DECISIONS]
    numbers = [re.match(r"# (\d+)\. \S", heading) for heading in headings]
    assert [int(one[1]) if one else None for one in numbers] == [int(path.name[:4]) for path in DECISIONS]
