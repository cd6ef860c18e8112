# mypy: allow-untyped-calls
"""The Registry's own papers: what they say, what they never say, and what comes back is found by its code."""

import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from gateway.domain.codes import Code
from gateway.domain.envelope import Envelope
from gateway.domain.outcomes import Division
from gateway.domain.parties import ChannelName, Language, PostalAddress
from gateway.domain.problem import InputRefused
from gateway.ports.registry_papers import (
    BreachReport,
    Dossier,
    FaxCover,
    MailingLabel,
    RegistryPaper,
    ServiceStatement,
)
from templates.postal import envelope_lines
from templates.printer import PaperPrinter
from tests.real import need
from tests.templates.cases import in_order, text_of
from tests.templates.samples import CODE, MANIFEST, PIECE, registry_papers

EN, FR = Language.EN, Language.FR
CODES = {
    "fax-cover": ("QR Code", CODE.text),
    "acknowledgement": ("QR Code", CODE.text),
    "mailing-label": ("Code 128", PIECE),
    "manifest": ("Code 128", MANIFEST),
}


def printed(paper: RegistryPaper) -> bytes:
    return PaperPrinter().draw(paper).content


def said(name: str, language: Language = EN) -> str:
    return text_of(printed(registry_papers(language)[name]))


def statement(language: Language = EN) -> ServiceStatement:
    paper = registry_papers(language)["statement-of-service"]
    assert isinstance(paper, ServiceStatement)
    return paper


def as_fax(content: bytes, lines: int) -> Image.Image:
    """The first page as a fax machine has it: 204 dots an inch across, `lines` down, black or white."""
    page = pypdfium2.PdfDocument(content)[0]
    width, height = page.get_size()
    drawn: Image.Image = page.render(scale=204 / 72).to_pil().convert("L")
    squeezed = drawn.resize((round(width * 204 / 72), round(height * lines / 72)))
    return squeezed.point(lambda grey: 255 if grey > 144 else 0).convert("1")


@pytest.mark.parametrize("lines", [196, 98])
@pytest.mark.parametrize("name", CODES)
def test_what_comes_back_is_found_by_its_code_even_from_a_coarse_fax(name: str, lines: int) -> None:
    (found,) = zxingcpp.read_barcodes(as_fax(printed(registry_papers(EN)[name]), lines))
    assert found.text == CODES[name][1]


@pytest.mark.real
@pytest.mark.parametrize("name", CODES)
def test_another_reader_finds_the_code_too(name: str, tmp_path: Path) -> None:
    as_fax(printed(registry_papers(FR)[name]), 196).save(tmp_path / "page.png")
    reader = [need.program("zbarimg", "zbar-tools"), "-q", "--raw", str(tmp_path / "page.png")]
    assert CODES[name][1] in subprocess.run(reader, capture_output=True, text=True, check=True).stdout.split()


def test_a_statement_of_service_says_who_how_and_when_and_is_a_draft_until_signed() -> None:
    expected = [
        "Statement of Service",
        "rule 34(2)",
        "I, Marguerite Œuvrard, Registry officer, state that I provided the documents listed below",
        "TC6-12345",
        "Jean Tremblay",
        "By regular mail",
        "November 23, 2026, 3:30 p.m. (EST)",
        "Toronto",
        "Reasons for decision, in English",
        "14",
        "a draft until the officer named in it has signed it",
        "Signature",
    ]
    in_order(said("statement-of-service"), expected)


def test_the_french_statement_tells_the_time_of_the_office_in_french() -> None:
    text = said("statement-of-service", FR)
    in_order(text, ["Déclaration de signification", "déclare avoir transmis", "23 novembre 2026, 15 h 30 (HNE)"])


@pytest.mark.parametrize("division", [Division.RPD, Division.ID, Division.IAD])
def test_a_rule_of_the_appeal_division_is_named_there_alone(division: Division) -> None:
    paper = statement()
    elsewhere = replace(paper, concern=replace(paper.concern, division=division))
    assert "rule 34" not in text_of(printed(elsewhere))
    assert "Statement of Service" in text_of(printed(elsewhere))


def test_a_confirmation_rests_on_evidence_and_its_digests() -> None:
    text = said("confirmation-of-receipt")
    in_order(text, ["Confirmation of Receipt", "Received", "10:06 a.m.", "Evidence", "Taken by the recipient"])
    assert text.replace(" ", "").count("sha256:9f86d081884c7d65") >= 3


def test_a_transmission_record_says_that_it_is_no_statement_of_service() -> None:
    text = said("transmission-record")
    assert "It is no statement of service" in text
    in_order(text, ["Attempts", "Encrypted e-mail", "Not sent", "Handed over", "Receipts", "Accepted by the mail"])


def test_a_record_of_nothing_says_so() -> None:
    paper = registry_papers(EN)["dossier"]
    assert isinstance(paper, Dossier)
    text = text_of(printed(replace(paper.record, attempts=(), receipts=())))
    in_order(text, ["Nothing has been attempted.", "Nothing has come back."])


def test_a_dossier_carries_its_files_byte_for_byte() -> None:
    paper = registry_papers(EN)["dossier"]
    assert isinstance(paper, Dossier)
    with pikepdf.open(BytesIO(printed(paper))) as pdf:
        found = {name: one.get_file().read_bytes() for name, one in pdf.attachments.items()}
        kinds = {str(one.AFRelationship) for one in pdf.Root.AF}
    assert found == {one.name: one.content for one in paper.files}
    assert kinds == {"/Data"}


def test_a_label_and_a_manifest_hold_nothing_of_the_case() -> None:
    for name in ("mailing-label", "manifest"):
        text = said(name)
        assert "TC6-12345" not in text
        assert "decision" not in text.lower()
    assert "Tremblay" not in said("manifest")
    assert "PROTECTED" not in said("mailing-label").upper()


def test_a_fax_cover_counts_itself_and_says_where_to_send_it_back() -> None:
    text = said("fax-cover")
    in_order(text, ["+1 514-555-0123", "16, this one included", "I have received the 2 documents listed above"])
    assert "send this page back to the Registry at +1 416-555-0188" in text
    paper = registry_papers(EN)["fax-cover"]
    assert isinstance(paper, FaxCover)
    assert "send this page back to the Registry." in text_of(printed(replace(paper, return_to=None)))


def test_a_breach_report_counts_persons_and_names_none() -> None:
    text = said("breach-report")
    in_order(text, ["2026-041", "Persons affected", "2", "What happened", "Containment", "no later than seven days"])
    paper = registry_papers(EN)["breach-report"]
    assert isinstance(paper, BreachReport)
    undetermined = text_of(printed(replace(paper, determined_material_at=None, happened_at=None)))
    assert "Not determined to be material" in undetermined
    assert "Not known" in undetermined
    assert "seven days" not in undetermined


def test_an_envelope_is_addressed_as_the_post_reads_it() -> None:
    home = PostalAddress(
        lines=("10-123 rue Main",), municipality="Montréal", province="QC", postal_code="H3Z 2Y7", country="CA"
    )
    to = Envelope(name="Zoé Côté", organization="Cabinet Côté", attention="Dépôt", address=home)
    assert envelope_lines(to, EN) == [
        "ZOÉ CÔTÉ",
        "CABINET CÔTÉ",
        "DÉPÔT",
        "10-123 RUE MAIN",
        "MONTRÉAL QC\u00a0\u00a0H3Z 2Y7",
    ]
    abroad = replace(home, municipality="Paris", province=None, postal_code="75001", country="FR")
    to_paris = replace(to, address=abroad)
    assert envelope_lines(to_paris, EN)[-2:] == ["PARIS\u00a0\u00a075001", "FRANCE"]
    to_bern = replace(to, address=replace(abroad, municipality="Bern", postal_code="3011", country="CH"))
    assert [envelope_lines(to_bern, one)[-1] for one in Language] == ["SWITZERLAND", "SUISSE"]


@pytest.mark.parametrize("service", list(ChannelName)[3:7])
def test_every_service_of_the_post_has_a_label(service: ChannelName) -> None:
    paper = registry_papers(FR)["mailing-label"]
    assert isinstance(paper, MailingLabel)
    assert PIECE in text_of(printed(replace(paper, service=service)))


@pytest.mark.parametrize("name", registry_papers(EN))
def test_the_same_value_gives_the_same_bytes(name: str) -> None:
    paper = registry_papers(FR)[name]
    assert printed(paper) == printed(paper)


def test_a_sign_no_font_has_is_refused() -> None:
    paper = statement()
    with pytest.raises(InputRefused) as refused:
        printed(replace(paper, place="\u6771\u4eac"))
    assert (refused.value.code, refused.value.facts) == (Code.DOCUMENT_MISSING_GLYPH, {"character": "U+6771"})


def test_no_title_of_a_file_names_anyone() -> None:
    for paper in registry_papers(EN).values():
        with pikepdf.open(BytesIO(printed(paper))) as pdf:
            said_of_itself = str(dict(pdf.docinfo)) + pdf.Root.Metadata.read_bytes().decode()
        assert "Tremblay" not in said_of_itself
        assert "Œuvrard" not in said_of_itself
