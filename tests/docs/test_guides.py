"""The guides name what people see by the words that they see."""

import re
from pathlib import Path

import pytest

from gateway.domain.parties import Language
from templates.catalogue import messages

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = [
    pytest.param(DOCS / "console.md", Language.EN, id="en"),
    pytest.param(DOCS / "fr/console.md", Language.FR, id="fr"),
]
_SPACES = re.compile(r"\s+")


def shown(language: Language) -> dict[str, set[str]]:
    """Every whole message of the console in that language, and by which keys it is known."""
    found: dict[str, set[str]] = {}
    for key, message in messages("console", language).items():
        if isinstance(message, str):
            found.setdefault(plain(message), set()).add(key)
    return found


def plain(text: str) -> str:
    """Without regard to line ends and to which spaces do not break."""
    return _SPACES.sub(" ", text)


def named(guide: Path) -> list[str]:
    """What stands in bold, but for the word that says so."""
    return [plain(one) for one in re.findall(r"\*\*(.+?)\*\*", guide.read_text(), re.DOTALL)][1:]


@pytest.mark.parametrize(("guide", "language"), GUIDES)
def test_what_stands_in_bold_stands_on_a_page(guide: Path, language: Language) -> None:
    assert len(named(guide)) > 40
    assert set(named(guide)) - shown(language).keys() == set()


def test_both_languages_name_the_same_things() -> None:
    english, french = (shown(language) for language in (Language.EN, Language.FR))
    pairs = zip(named(DOCS / "console.md"), named(DOCS / "fr/console.md"), strict=True)
    assert [pair for pair in pairs if not english[pair[0]] & french[pair[1]]] == []
