"""The generated pages are those that the code would generate now."""

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.parties import Language
from tests.docs import gallery
from tests.docs.generate import PAGES, page
from tests.docs.statuses import ROOT, classes
from tests.templates.samples import SAMPLES


@pytest.mark.parametrize("place", PAGES)
def test_the_committed_page_is_what_make_docs_writes(place: str) -> None:
    assert (ROOT / place).read_text(encoding="utf-8") == page(place), "run: make docs"


def test_the_gallery_shows_every_paper_in_both_languages() -> None:
    assert (gallery.FOLDER / "README.md").read_text(encoding="utf-8") == gallery.page(), "run: make gallery"
    pictures = {path.name: path.stat().st_size for path in gallery.FOLDER.glob("*.png")}
    assert set(pictures) == {f"{name}-{one.value}.png" for name in SAMPLES for one in Language}
    assert max(pictures.values()) <= gallery.MOST_BYTES


def test_every_code_stands_in_the_table_of_problems_with_its_statuses() -> None:
    text = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    assert [code for code in Code if f"| `{code}` |" not in text] == []
    assert {one.__name__ for one in classes()[Code.PACKAGE_DIGEST_MISMATCH]} == {"InputRefused"}
    assert {one.__name__ for one in classes()[Code.STORAGE_UNAVAILABLE]} == {"ServiceDown"}
    assert {one.__name__ for one in classes()[Code.KEY_MISSING]} == {"InputRefused", "SetupWrong"}


def test_every_state_stands_in_the_table_of_states() -> None:
    text = (ROOT / "docs/states.md").read_text(encoding="utf-8")
    assert [state for state in DeliveryState if f"| `{state}` |" not in text] == []


def test_every_page_is_linked_from_the_readme_of_its_language() -> None:
    missing = []
    for place in PAGES:
        readme, link = (
            ("docs/fr/README.md", place.removeprefix("docs/fr/")) if "/fr/" in place else ("README.md", place)
        )
        if f"]({link})" not in (ROOT / readme).read_text(encoding="utf-8"):
            missing.append(place)
    assert missing == []
