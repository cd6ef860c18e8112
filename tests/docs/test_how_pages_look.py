"""Pages look as they were meant: a command stands in a block of its own, and a table is one table."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    one for where in ("*.md", "docs/**/*.md", "channels/*.md", "examples/*/*.md") for one in ROOT.glob(where)
)
_ITEM = re.compile(r"\s*(?:\d+[.)]|[-*+]) *")


def prose(text: str) -> Iterator[tuple[str, int]]:
    """What is shown as prose, and by how many columns it was set in further than its list asks."""
    lines, items = text.splitlines(), list[int]()
    for one in MarkdownIt("commonmark").enable("table").parse(text):
        if one.type == "list_item_close":
            items.pop()
        if one.map is None:
            continue
        line = lines[one.map[0]]
        marker = _ITEM.match(line)
        if one.type == "list_item_open":
            items.append(len(marker[0]) if marker else 0)
        elif one.type == "inline" and not marker:
            yield one.content, len(line) - len(line.lstrip()) - (items[-1] if items else 0)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_nothing_that_was_meant_as_code_or_as_a_row_runs_on_as_prose(page: Path) -> None:
    found = list(prose(page.read_text("utf-8")))
    assert [content for content, deeper in found if deeper > 0] == []
    assert [content for content, _ in found if content.startswith("|")] == []
