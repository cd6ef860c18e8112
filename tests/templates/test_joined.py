"""Reasons that come as PDF: joined whole, of the same size, without anything that acts; hostile files refused."""

import re
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from gateway.domain.codes import Code
from gateway.domain.package import DocumentKind
from gateway.domain.parties import Language
from gateway.domain.problem import InputRefused
from tests.templates import hostile_pdfs
from tests.templates.cases import CLAIMANT, drawn_text, pages_of, papers, qpdf_accepts, renderer, source
from tests.templates.hostile_pdfs import one_page
from tests.templates.other_reader import objects_in, unpacked

PATH = "documents/reasons.pdf"


def joined(content: bytes) -> bytes:
    return renderer().render(papers(CLAIMANT, (source(content),))).documents[0].content


def refused(content: bytes, kind: DocumentKind = DocumentKind.REASONS) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        renderer().render(papers(CLAIMANT, (source(content, kind),)))
    return caught.value


@pytest.mark.parametrize("name", [name for name in hostile_pdfs.UNREADABLE if name != "empty"])
def test_a_broken_or_crafted_file_is_refused_by_its_path(name: str) -> None:
    content = hostile_pdfs.UNREADABLE[name]
    assert (refused(content).code, refused(content).where) == (Code.DOCUMENT_UNREADABLE, PATH)


@pytest.mark.parametrize("name", hostile_pdfs.BEYOND)
@pytest.mark.parametrize("kind", [DocumentKind.REASONS, DocumentKind.ORDER])
def test_a_file_that_draws_on_others_acts_or_never_ends_is_refused_with_a_code_of_its_own(
    name: str, kind: DocumentKind
) -> None:
    code, content = hostile_pdfs.BEYOND[name]
    if kind is DocumentKind.ORDER and code is Code.DOCUMENT_TOO_LARGE:
        return  # what is not copied is not unpacked
    problem = refused(content, kind)
    assert (problem.code, problem.where) == (code, f"documents/{kind.value}.pdf")


def test_a_document_that_travels_as_it_was_signed_is_refused_when_anything_in_it_acts() -> None:
    assert refused(hostile_pdfs.ACTIVE, DocumentKind.ORDER).code is Code.DOCUMENT_ACTIVE_CONTENT


@pytest.mark.parametrize("name", hostile_pdfs.HIDDEN)
def test_what_may_look_otherwise_than_it_was_signed_is_refused(name: str) -> None:
    problem = refused(hostile_pdfs.HIDDEN[name])
    assert (problem.code, problem.where) == (Code.DOCUMENT_HIDDEN_CONTENT, PATH)


@pytest.mark.parametrize(("user", "owner"), [("secret", "owner"), ("", "owner")])
@pytest.mark.parametrize("kind", [DocumentKind.REASONS, DocumentKind.ORDER])
def test_an_encrypted_file_is_refused_even_if_only_permissions_are_set(
    user: str, owner: str, kind: DocumentKind
) -> None:
    assert refused(hostile_pdfs.encrypted(user, owner), kind).code is Code.DOCUMENT_ENCRYPTED


def test_too_many_pages_are_refused() -> None:
    problem = refused(hostile_pdfs.TOO_MANY_PAGES)
    assert problem.code is Code.DOCUMENT_TOO_LARGE
    assert problem.facts == {"pages": 2001}


def test_nothing_that_acts_or_is_attached_survives() -> None:
    content = joined(hostile_pdfs.ACTIVE)
    assert "Words of the member" in pages_of(content)[-1]
    assert b"Words of the member" in unpacked(content)
    keys, strings = _reachable(content)
    forbidden = {"/JS", "/JavaScript", "/AA", "/OpenAction", "/EF", "/Annots", "/A", "/PieceInfo", "/Ref", "/FS"}
    assert not keys & forbidden
    assert not strings & {"/JavaScript", "/Launch", "/SubmitForm", "/URI", "/EmbeddedFile", "/Filespec"}
    for trace in (b"MZ-embedded-program", b"app.alert", b"cmd.exe", b"example.invalid"):
        assert trace not in unpacked(content)


def _reachable(content: bytes) -> tuple[set[str], set[str]]:
    """All dictionary keys and values in the file, whatever leads to them."""
    keys: set[str] = set()
    values: set[str] = set()
    for one in objects_in(content):
        if isinstance(one, DictionaryObject):
            keys |= {str(key) for key in one} - ({"/A"} if one.get("/Type") == "/StructElem" else set())
        elif not isinstance(one, list):
            values.add(str(one))
    return keys, values


@pytest.mark.real
def test_no_trace_of_actions_is_in_the_unpacked_file(tmp_path: Path) -> None:
    (tmp_path / "in.pdf").write_bytes(joined(hostile_pdfs.ACTIVE))
    subprocess.run(["qpdf", "--qdf", "--object-streams=disable", tmp_path / "in.pdf", tmp_path / "out.pdf"], check=True)
    unpacked = (tmp_path / "out.pdf").read_bytes()
    assert not re.search(rb"/(JavaScript|JS|Launch|AA|OpenAction|EmbeddedFiles?|Annots|SubmitForm)\b", unpacked)


def test_the_visible_look_of_a_signature_is_kept_and_a_hidden_stamp_is_not() -> None:
    page = pages_of(joined(hostile_pdfs.SIGNED_LOOK))[-1]
    assert "Signed by the member" in page
    assert "A hidden stamp" not in page


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(("box", "crop"), [("[0 0 612 792]", ""), ("[-50 20 562 1028]", "/CropBox [0 100 400 900]")])
def test_each_page_keeps_its_displayed_size(turn: int, box: str, crop: str) -> None:
    given = one_page(box=box, page=f"/Rotate {turn} {crop}")
    page = PdfReader(BytesIO(joined(given))).pages[-1]
    width, height = (400, 800) if crop else (612, 792)
    expected = (height, width) if turn in (90, 270) else (width, height)
    assert (page.mediabox.width, page.mediabox.height) == pytest.approx(expected)
    assert not page.get("/Rotate")


def test_a_page_whose_unit_is_larger_keeps_its_size() -> None:
    page = PdfReader(BytesIO(joined(one_page(page="/UserUnit 2")))).pages[-1]
    assert (float(page.mediabox.width), float(page.mediabox.height)) == (1224, 1584)


@pytest.mark.real
@pytest.mark.parametrize(("turn", "at"), [(0, (30, 750)), (90, (30, 30)), (180, (580, 40)), (270, (580, 750))], ids=str)
def test_a_turned_page_is_seen_as_before_and_its_strip_stands_upright(
    turn: int, at: tuple[int, int], tmp_path: Path
) -> None:
    """The text begins near the corner that is at the top left once the page is turned."""
    words = {0: "1 0 0 1", 90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}[turn]
    content = hostile_pdfs.stream(f"BT /F1 12 Tf {words} {at[0]} {at[1]} Tm (Corner) Tj ET".encode())
    read = drawn_text(joined(one_page(content=content, page=f"/Rotate {turn}")), tmp_path, "-bbox", "-f", "3")
    places = {
        word: (float(x), float(y)) for x, y, word in re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)".*>(\S+)</word>', read)
    }
    height = 792 if turn in (0, 180) else 612
    assert places["Corner"][0] < 60
    assert places["Corner"][1] < 60
    assert places["TC6-12345"][0] < 60
    assert places["TC6-12345"][1] > height - 30


def test_every_page_carries_file_and_page_number_in_the_language_of_its_text() -> None:
    given = papers(CLAIMANT, (source(one_page(), language=Language.FR), source(b"Second reasons.")))
    pages = pages_of(renderer().render(given).documents[0].content)
    assert len(pages) == 4
    assert "File TC6-12345" in pages[1]
    assert "Page 2 of 4" in pages[1]
    assert "Words of the member" in pages[2]
    assert "Dossier TC6-12345" in pages[2]
    assert "Page 3 sur 4" in pages[2]
    assert "Second reasons." in pages[3]


@pytest.mark.real
def test_content_that_leaves_its_state_behind_does_not_move_the_strip(tmp_path: Path) -> None:
    content = joined(hostile_pdfs.UNBALANCED)
    read = drawn_text(content, tmp_path, "-bbox", "-f", "3")
    found = re.search(r'xMin="([\d.]+)" yMin="([\d.]+)".*>TC6-12345</word>', read)
    assert found
    assert float(found[1]) < 60
    assert float(found[2]) > 760


@pytest.mark.real
@pytest.mark.parametrize(
    "content", [one_page(), hostile_pdfs.ACTIVE, hostile_pdfs.SIGNED_LOOK, one_page(page="/Rotate 90")], ids=str
)
def test_qpdf_finds_nothing_in_a_joined_paper(content: bytes, tmp_path: Path) -> None:
    qpdf_accepts(joined(content), tmp_path)


def test_the_strip_and_the_foreign_page_are_drawn_apart() -> None:
    page = PdfReader(BytesIO(joined(one_page()))).pages[-1]
    drawn = page.get_contents()
    assert drawn is not None
    assert drawn.get_data().startswith(b"/P <</MCID 0>> BDC q 1 0 0 1 0 0 cm /Foreign Do Q EMC")
    assert b"/Artifact <</Type /Pagination>> BDC" in drawn.get_data()


def test_our_own_file_keeps_its_catalogue() -> None:
    root = PdfReader(BytesIO(joined(hostile_pdfs.ACTIVE))).root_object
    assert str(root["/Lang"]) == "en-CA"
    of_tagged_files = {"/StructTreeRoot", "/MarkInfo", "/Metadata", "/OutputIntents"}
    assert set(root) <= {"/Type", "/Pages", "/Lang", "/PageMode", "/Outlines", "/ViewerPreferences"} | of_tagged_files


def test_the_same_input_gives_the_same_bytes() -> None:
    assert joined(hostile_pdfs.SIGNED_LOOK) == joined(hostile_pdfs.SIGNED_LOOK)


def test_a_paper_of_ours_can_be_joined_again_without_its_fonts_getting_mixed_up() -> None:
    ours = renderer().render(papers(CLAIMANT)).documents[0].content
    pages = pages_of(joined(ours))
    assert "Dear Sir or Madam:" in pages[2]
    assert "Notice of Decision" in pages[3]
    assert "Page 4 of 4" in pages[3]


def test_different_papers_have_different_identifiers() -> None:
    def identifier(content: bytes) -> object:
        return PdfReader(BytesIO(content)).trailer["/ID"]

    assert identifier(joined(b"One")) != identifier(joined(b"Two"))
