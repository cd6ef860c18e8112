"""What a participant is handed: files, names, message; the same bytes every time."""

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from gateway.domain.package import DocumentKind
from gateway.domain.parties import Language, PreferredLanguage
from gateway.ports.papers import Papers, RenderedPapers, Renderer
from templates.reasons import laid_in
from tests.templates.cases import (
    CLAIMANT,
    COUNSEL,
    MARKDOWN_REASONS,
    MINISTER,
    PACKAGE,
    pages_of,
    papers,
    plain,
    qpdf_accepts,
    renderer,
    source,
)
from tests.templates.hostile_pdfs import SIGNED_LOOK, one_page
from tests.templates.structure_check import structure_findings

REASONS = source(MARKDOWN_REASONS.encode())


def rendered(given: Papers) -> RenderedPapers:
    ours: Renderer = renderer()
    return ours.render(given)


def test_what_we_typeset_is_one_file_with_letter_notice_and_reasons() -> None:
    (paper,) = rendered(papers(CLAIMANT, (REASONS,))).documents
    assert paper.kind is DocumentKind.REASONS
    assert paper.media_type == "application/pdf"
    assert paper.name == "TC6-12345_RPD_Decision_2026-11-20.pdf"
    pages = pages_of(paper.content)
    assert paper.pages == len(pages) == 3
    for number, (page, head) in enumerate(zip(pages, ("Dear", "Notice of", "Reasons and"), strict=True), start=1):
        assert head in page
        assert f"Page {number} of 3" in page
        assert "File TC6-12345" in page
        assert "Refugee Protection Division" in page


def test_signed_documents_travel_byte_for_byte_in_reading_order() -> None:
    given = (
        source(one_page("Other"), DocumentKind.OTHER),
        source(SIGNED_LOOK, DocumentKind.TRANSCRIPT),
        source(one_page("Order"), DocumentKind.ORDER),
        source(one_page("Notice"), DocumentKind.NOTICE),
        source(one_page("Another"), DocumentKind.OTHER),
    )
    main, *rest = rendered(papers(CLAIMANT, given)).documents
    assert [one.content for one in rest] == [given[index].content for index in (3, 2, 1, 0, 4)]
    assert [one.name for one in rest] == [
        "TC6-12345_RPD_Notice_2026-11-20.pdf",
        "TC6-12345_RPD_Order_2026-11-20.pdf",
        "TC6-12345_RPD_Transcript_2026-11-20.pdf",
        "TC6-12345_RPD_Document_2026-11-20.pdf",
        "TC6-12345_RPD_Document_2026-11-20_2.pdf",
    ]
    assert [one.pages for one in rest] == [1] * 5
    text = plain(" ".join(pages_of(main.content)))
    assert "1. Notice of decision 2. Order 3. Transcript 4. Other document 5. Other document" in text
    assert "Notice of Decision" not in text, "a notice that came is not rendered again"


def test_enclosures_say_their_language_and_version() -> None:
    french = source(one_page(), language=Language.FR)
    redacted = replace(french, document=replace(french.document, version="redacted", recipients=("a1",)))
    text = pages_of(rendered(papers(CLAIMANT, (french, redacted))).documents[0].content)[0]
    assert "2. Reasons for decision, in French" in text
    assert "3. Reasons for decision, redacted version, in French" in text


def test_a_letter_in_markdown_is_typeset_in_a_file_of_its_own() -> None:
    _, other = rendered(papers(CLAIMANT, (source(b"A *letter*.", DocumentKind.OTHER),))).documents
    assert other.name.endswith(".pdf")
    assert "A letter." in pages_of(other.content)[0]
    assert "Page 1 of 1" in pages_of(other.content)[0]


def test_the_message_names_files_and_nobody() -> None:
    message = rendered(papers(COUNSEL, (REASONS,))).message
    assert message.subject == "TC6-12345, TC6-12346 – SPR – Décision"
    assert "TC6-12345_SPR_Decision_2026-11-20.pdf" in message.text
    assert "Dossiers\u00a0: TC6-12345, TC6-12346" in message.text
    assert "2026-0457" in message.text
    for name in ("Amara", "Nwosu", "Hương", "Tremblay", "rejet", "accept"):
        assert name not in message.text + message.subject


def test_a_message_in_both_languages_has_both() -> None:
    message = rendered(papers(CLAIMANT, language=PreferredLanguage.BOTH)).message
    assert message.subject == "TC6-12345 – RPD – Decision / TC6-12345 – SPR – Décision"
    assert message.text.index("provides you with") < message.text.index("vous transmet")


def test_no_file_name_and_no_file_property_holds_a_name() -> None:
    for document in rendered(papers(MINISTER, (REASONS, source(one_page(), DocumentKind.ORDER)))).documents[:1]:
        properties = str(PdfReader(BytesIO(document.content)).metadata)
        for name in ("Amara", "Nwosu", "Hương", "CBSA"):
            assert name not in document.name + properties


def test_a_file_number_with_odd_signs_makes_a_safe_name() -> None:
    files = (replace(PACKAGE.files[0], number="0003-C1-01234 (01)"),)
    (paper,) = rendered(papers(CLAIMANT, package=replace(PACKAGE, files=files))).documents
    assert paper.name == "0003-C1-01234-01_RPD_Decision_2026-11-20.pdf"


def test_the_date_in_the_name_is_that_of_the_office_and_not_of_utc() -> None:
    assert PACKAGE.decision.signed_at.astimezone(dt.UTC).date() == dt.date(2026, 11, 21)
    assert "2026-11-20" in rendered(papers(CLAIMANT)).documents[0].name


@pytest.mark.parametrize("participant", [CLAIMANT, COUNSEL, MINISTER], ids=lambda one: one.id)
def test_the_same_input_gives_the_same_bytes(participant: object) -> None:
    given = papers(next(one for one in PACKAGE.participants if one is participant), (REASONS, source(one_page())))
    assert rendered(given) == rendered(given)


def test_reasons_are_laid_out_once_and_whose_papers_came_before_does_not_show() -> None:
    wide = source(f"{MARKDOWN_REASONS}\n\nŁódź, ᐃᓄᒃᑎᑐᑦ.[^w]\n\n[^w]: Δ".encode())
    laid_in.cache_clear()
    alone = rendered(papers(MINISTER, (wide,))).documents[0]
    laid_in.cache_clear()
    first = rendered(papers(CLAIMANT, (wide,), language=PreferredLanguage.BOTH)).documents[0]
    assert rendered(papers(MINISTER, (wide,))).documents[0] == alone
    assert laid_in.cache_info().misses == 1
    for paper in (alone, first):
        text = pages_of(paper.content)
        assert len(text) == paper.pages
        assert "Łódź, ᐃᓄᒃᑎᑐᑦ." in plain(" ".join(text))
        assert f"Page {paper.pages} of {paper.pages}" in text[-1]
        assert structure_findings(paper.content) == []


def test_the_same_input_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib; from tests.templates.cases import *; "
        "from tests.templates.hostile_pdfs import one_page; "
        "given = papers(MINISTER, (source(MARKDOWN_REASONS.encode()), source(one_page()))); "
        "print(hashlib.sha256(renderer().render(given).documents[0].content).hexdigest())"
    )
    seeds = ("1", "2")
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2]), "TZ": f"Etc/GMT+{seed}"},
        ).stdout
        for seed in seeds
    }
    assert len(digests) == 1


def test_the_file_is_dated_by_its_input_and_says_its_language() -> None:
    reader = PdfReader(BytesIO(rendered(papers(COUNSEL)).documents[0].content))
    assert reader.metadata is not None
    assert reader.metadata.creation_date == dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    assert str(reader.root_object["/Lang"]) == "fr-CA"


def test_all_fonts_are_embedded_as_subsets() -> None:
    for page in PdfReader(BytesIO(rendered(papers(MINISTER, (source("☒ ok".encode()),))).documents[0].content)).pages:
        fonts = page["/Resources"]["/Font"]  # type: ignore[index]
        for font in fonts.values():
            described = font.get_object()
            described = described.get("/DescendantFonts", [described])[0].get_object()
            assert re_subset(str(described["/BaseFont"])), described["/BaseFont"]
            assert "/FontFile2" in described["/FontDescriptor"]


def re_subset(name: str) -> bool:
    prefix, plus, rest = name.removeprefix("/").partition("+")
    return plus == "+" and len(prefix) == 6 and prefix.isupper() and rest.startswith("Registry")


@pytest.mark.real
@pytest.mark.parametrize("language", PreferredLanguage)
def test_qpdf_finds_nothing(language: PreferredLanguage, tmp_path: Path) -> None:
    given = papers(MINISTER, (REASONS, source(one_page())), language=language)
    qpdf_accepts(rendered(given).documents[0].content, tmp_path)


def test_two_spaces_before_a_postal_code_stay_two() -> None:
    page = PdfReader(BytesIO(rendered(papers(CLAIMANT)).documents[0].content)).pages[0]
    assert "TORONTO ON  M5V 3L9" in page.extract_text()
