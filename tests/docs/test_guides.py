"""The guides name what people see by the words that they see."""

import re
from pathlib import Path

import pytest

from gateway.domain.parties import Language
from templates.catalogue import messages

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = [
    pytest.param("console", "console.md", "console.md", id="console"),
    pytest.param("exchange", "recipients.md", "destinataires.md", id="exchange"),
]
_SPACES = re.compile(r"\s+")


def shown(area: str, language: Language) -> dict[str, set[str]]:
    """Every whole message of those pages in that language, and by which keys it is known."""
    found: dict[str, set[str]] = {}
    for key, message in messages(area, language).items():
        if isinstance(message, str):
            found.setdefault(plain(message), set()).add(key)
    return found


def plain(text: str) -> str:
    """Without regard to line ends and to which spaces do not break."""
    return _SPACES.sub(" ", text)


def named(guide: Path) -> list[str]:
    """What stands in bold, in its order, but for the word that says so and the beginnings of points."""
    return [plain(one) for one in re.findall(r"\*\*(.+?)\*\*", guide.read_text(), re.DOTALL) if not one.endswith(":")][
        1:
    ]


@pytest.mark.parametrize(("area", "english", "french"), GUIDES)
def test_what_stands_in_bold_stands_on_a_page_and_is_the_same_in_both_languages(
    area: str, english: str, french: str
) -> None:
    here, there = named(DOCS / english), named(DOCS / "fr" / french)
    known, connus = shown(area, Language.EN), shown(area, Language.FR)
    assert len(here) > 10
    assert [one for one in here if one not in known] == []
    assert [one for one in there if one not in connus] == []
    assert [pair for pair in zip(here, there, strict=True) if not known[pair[0]] & connus[pair[1]]] == []
