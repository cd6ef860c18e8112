"""Every paper is PDF/UA-1 and PDF/A-2a at once, soundly structured, and says what was set and nothing else."""

import re
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import page
import pikepdf
import pytest

from gateway.domain.parties import Language, PreferredLanguage
from templates.pdf.text import Typesetter
from templates.reasons import laid_in
from tests.templates.cases import MINISTER, papers, qpdf_accepts, renderer, source
from tests.templates.samples import SAMPLES
from tests.templates.structure_check import structure_findings
from tests.templates.test_reasons import DECISION

MARKDOWN = f"""{DECISION}
#### A heading that leaves a level out

[8] « Citation : [the claimant (was) there]{{lang=en}}. » ☐ Đặng Ştefan ᐃᓄᒃᑎᑐᑦ 12\u202f345,67 \\\\ backslash

- > quoted in a list

| A | B |
|---|---|
| {"words " * 900} | x |
"""
LANGUAGES = (PreferredLanguage.EN, PreferredLanguage.FR, PreferredLanguage.BOTH)


def decision(language: PreferredLanguage) -> bytes:
    given = papers(MINISTER, (source(MARKDOWN.encode()),), language=language)
    return renderer().render(given).documents[0].content


def validated(content: bytes, profile: str) -> list[str]:
    """What the validator finds against a profile."""
    report = page.validate_pdf_bytes(content, profile=profile)
    assert report.rules.total > 100, "the profile was hardly looked at"
    return [f"{failure.rule_id}: {failure.message}" for failure in report.failures]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("profile", ["pdfua-1", "pdfa-2a"])
def test_a_decision_passes_the_validator(language: PreferredLanguage, profile: str) -> None:
    assert validated(decision(language), profile) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_paper_passes_the_validator_and_our_own_check(name: str, language: Language) -> None:
    content = SAMPLES[name](language)
    archival = "pdfa-3a" if name == "dossier" else "pdfa-2a"
    assert [validated(content, profile) for profile in ("pdfua-1", archival)] == [[], []]
    assert structure_findings(content) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_structure_of_a_decision_is_sound(language: PreferredLanguage) -> None:
    assert structure_findings(decision(language)) == []


@pytest.mark.real
def test_qpdf_finds_nothing(tmp_path: Path) -> None:
    qpdf_accepts(decision(PreferredLanguage.BOTH), tmp_path)


def squeezed(text: str) -> str:
    """The text without its white space."""
    return re.sub(r"\s+", "", text)


def read_by_structure(content: bytes, folder: Path) -> str:
    """The text of all elements in the order of the structure tree, as poppler reads it, without white space."""
    (folder / "paper.pdf").write_bytes(content)
    read = subprocess.run(["pdfinfo", "-struct-text", str(folder / "paper.pdf")], capture_output=True, check=True)
    text = read.stdout.decode(errors="replace")  # poppler writes the names of notes in UTF-16
    return squeezed("".join(re.findall(r'^\s*"(.*)"$', text, re.MULTILINE)))


@pytest.fixture
def set_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is given to the typesetter, in order, without white space."""
    texts: list[str] = []
    real: Callable[..., Any] = Typesetter.paragraph

    def recording(self: Typesetter, content: Any, style: Any, label: str | None = None, **properties: Any) -> Any:
        whole = content if isinstance(content, str) else "".join(run.text for run in content)
        texts.append(squeezed(f"{label or ''}{whole}"))
        return real(self, content, style, label, **properties)

    monkeypatch.setattr(Typesetter, "paragraph", recording)
    laid_in.cache_clear()  # what another test had set is set anew
    return texts


@pytest.mark.real
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_that_was_set_is_read_in_order_and_none_else(
    language: PreferredLanguage, set_texts: list[str], tmp_path: Path
) -> None:
    content = decision(language)
    assert read_by_structure(content, tmp_path) == "".join(set_texts)


@pytest.mark.real
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", SAMPLES)
def test_each_word_of_every_paper_is_read_in_order_and_none_else(
    name: str, language: Language, set_texts: list[str], tmp_path: Path
) -> None:
    content = SAMPLES[name](language)
    assert read_by_structure(content, tmp_path) == "".join(set_texts)
    qpdf_accepts(content, tmp_path)


def test_a_passage_in_another_language_says_so() -> None:
    with pikepdf.open(BytesIO(decision(PreferredLanguage.FR))) as pdf:
        spans = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Span"]
        assert [str(one.Lang) for one in spans] == ["en"]


def test_bookmarks_follow_the_headings() -> None:
    with pikepdf.open(BytesIO(decision(PreferredLanguage.EN))) as pdf, pdf.open_outline() as outline:
        titles = [(one.title, [below.title for below in one.children]) for one in outline.root]
    assert titles == [
        ("Decision of the Refugee Protection Division", ["Enclosures"]),
        ("Notice of Decision", ["Decision"]),
        ("Reasons and Decision", ["Analysis", "Notes"]),
    ]
