"""Reasons that come as a tagged PDF keep their structure within ours; those that do not are one passage a page."""

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import page
import pikepdf
import pytest

from gateway.domain.parties import Language
from tests.real import need
from tests.templates import hostile_pdfs
from tests.templates.cases import CLAIMANT, drawn_text, papers, qpdf_accepts, renderer, source
from tests.templates.hostile_pdfs import one_page, pdf, stream
from tests.templates.other_reader import unpacked
from tests.templates.structure_check import structure_findings
from tests.templates.test_reasons import DECISION

TREE = "/StructTreeRoot 5 0 R /MarkInfo <</Marked true>> /Lang (fr-CA)"


def tagged_decision() -> bytes:
    """A tagged paper with headings, a table, lists, notes and links, made by our own layer."""
    return renderer().render(papers(CLAIMANT, (source(DECISION.encode()),))).documents[0].content


def joined(*documents: bytes) -> bytes:
    given = papers(CLAIMANT, tuple(source(one, language=Language.FR) for one in documents))
    return renderer().render(given).documents[0].content


def tagged_page(content: str, tree: dict[int, str | bytes], *, page: str = "", more: str = "") -> bytes:
    """One page of this content; the tree's root is object 5."""
    resources = "<</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>" + more + ">>"
    return pdf(
        {
            1: f"<</Type /Catalog /Pages 2 0 R {TREE}>>",
            2: "<</Type /Pages /Kids [3 0 R] /Count 1>>",
            3: f"<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /StructParents 0 "
            f"/Resources {resources} {page}>>",
            4: stream(content.encode()),
            **tree,
        }
    )


def words(number: int, text: str, tag: str = "P") -> str:
    return f"/{tag} <</MCID {number}>> BDC BT /F1 12 Tf 72 {700 - 20 * number} Td ({text}) Tj ET EMC "


def elements(content: bytes) -> list[tuple[str, str]]:
    """Role and language of every element of the paper, in reading order."""
    with pikepdf.open(BytesIO(content)) as file:
        return [(str(one.S)[1:], str(one.get("/Lang", ""))) for one in _walk(file.Root.StructTreeRoot)]


def _walk(element: Any) -> Iterator[Any]:
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _walk(kid)


def test_a_tagged_paper_keeps_its_elements_under_a_part_of_its_language() -> None:
    theirs = [role for role, _ in elements(tagged_decision())]
    whole = elements(joined(tagged_decision()))
    at = whole.index(("Part", "fr-CA"))
    assert [role.replace("Document", "Part") for role in theirs] == [role for role, _ in whole[at + 1 :]]


@pytest.mark.parametrize("documents", [1, 2])
def test_the_structure_of_the_whole_is_sound(documents: int) -> None:
    assert structure_findings(joined(*[tagged_decision()] * documents)) == []


@pytest.mark.parametrize("profile", ["pdfua-1", "pdfa-2a"])
def test_what_came_accessible_and_archival_is_so_within_the_whole(profile: str) -> None:
    report = page.validate_pdf_bytes(joined(tagged_decision()), profile=profile)
    assert report.rules.total > 100
    assert [f"{failure.rule_id}: {failure.message}" for failure in report.failures] == []


def test_an_untagged_paper_is_one_passage_a_page_and_the_whole_claims_nothing() -> None:
    content = joined(one_page(), tagged_decision())
    assert structure_findings(content) == []
    assert ("P", "") in elements(content)
    assert b"pdfuaid" not in content
    assert b"pdfuaid" in joined(tagged_decision())


@pytest.mark.real
def test_a_reader_for_the_blind_hears_the_words_of_theirs_after_ours(tmp_path: Path) -> None:
    need.program("pdfinfo", "poppler-utils")
    (tmp_path / "joined.pdf").write_bytes(joined(tagged_decision(), one_page("Words of an untagged page")))
    heard = subprocess.run(
        ["pdfinfo", "-struct-text", tmp_path / "joined.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert heard.count("Dear Sir or Madam") == 2, "our own letter, and the one in what was joined"
    assert "Words of an untagged page" in heard
    assert heard.rindex("Dear Sir or Madam") < heard.index("Words of an untagged page")


@pytest.mark.real
def test_it_is_drawn_as_before_and_stamped(tmp_path: Path) -> None:
    content = joined(tagged_decision())
    qpdf_accepts(content, tmp_path)
    drawn = drawn_text(content, tmp_path, "-f", "3")
    assert "Dear Sir or Madam" in drawn
    assert "Dossier TC6-12345" in drawn


def test_links_to_the_web_stay_and_all_others_become_text() -> None:
    annotations = "/Annots [8 0 R 9 0 R]"
    content = tagged_page(
        words(0, "A link", "Link") + words(1, "Another", "Link"),
        {
            5: "<</Type /StructTreeRoot /K [6 0 R 7 0 R]>>",
            6: "<</S /Link /P 5 0 R /Pg 3 0 R /K [0 <</Type /OBJR /Obj 8 0 R>>]>>",
            7: "<</S /Link /P 5 0 R /Pg 3 0 R /K [1 <</Type /OBJR /Obj 9 0 R>>]>>",
            8: "<</Type /Annot /Subtype /Link /Rect [72 690 99 712] /A <</S /URI /URI (https://www.canlii.org/)>>>>",
            9: "<</Type /Annot /Subtype /Link /Rect [72 670 99 692] /A <</S /Launch /F (cmd.exe)>>>>",
        },
        page=annotations,
    )
    whole = joined(content)
    assert structure_findings(whole) == []
    with pikepdf.open(BytesIO(whole)) as file:
        (link,) = file.pages[-1].Annots
        assert (str(link.A.URI), str(link.Contents)) == ("https://www.canlii.org/", "https://www.canlii.org/")
        assert [float(side) for side in link.Rect] == [72, 690, 99, 712]
    assert [role for role, _ in elements(whole)][-2:] == ["Link", "Span"]
    assert b"cmd.exe" not in unpacked(whole)


def test_roles_of_their_own_become_those_of_the_standard_and_cells_keep_their_heads() -> None:
    content = tagged_page(
        words(0, "Head") + words(1, "Cell") + words(2, "Title") + words(3, "Odd"),
        {
            5: "<</Type /StructTreeRoot /K [6 0 R 10 0 R 11 0 R] /RoleMap <</Kopf /H1 /Loop /Loop>>>>",
            6: "<</S /Table /P 5 0 R /K 7 0 R>>",
            7: "<</S /TR /P 6 0 R /K [8 0 R 9 0 R]>>",
            8: "<</S /TH /P 7 0 R /Pg 3 0 R /K 0 /ID (h) /A <</O /Table /Scope /Column /X 4 0 R>>>>",
            9: "<</S /TD /P 7 0 R /Pg 3 0 R /K 1 /A <</O /Table /Headers [(h)]>>>>",
            10: "<</S /Kopf /P 5 0 R /Pg 3 0 R /K 2 /Lang (en) /Alt (a\\(b)>>",
            11: "<</S /Loop /P 5 0 R /Pg 3 0 R /K 3>>",
        },
    )
    whole = joined(content, content)
    assert [role for role, _ in elements(whole)][-6:] == ["Table", "TR", "TH", "TD", "H1", "NonStruct"]
    with pikepdf.open(BytesIO(whole)) as file:
        heads = [one for one in _walk(file.Root.StructTreeRoot) if one.S == "/TH"]
        cells = [one for one in _walk(file.Root.StructTreeRoot) if one.S == "/TD"]
        names = [str(one.ID) for one in heads if "/ID" in one]
        assert len(names) == len(set(names))
        assert [str(one.A.Headers[0]) for one in cells if "/A" in one][-2:] == names[-2:]
        assert all(set(one.A.keys()) == {"/O", "/Scope"} for one in heads[-2:])
        listed = file.Root.StructTreeRoot.IDTree.Kids[0].Names
        assert set(names) <= {str(one) for one in list(listed)[::2]}


@pytest.mark.parametrize(
    ("what", "tree"),
    [
        ("a loop", {5: "<</K 6 0 R>>", 6: "<</S /P /P 5 0 R /Pg 3 0 R /K [0 6 0 R]>>"}),
        ("a mark twice", {5: "<</K [6 0 R 7 0 R]>>", 6: "<</S /P /Pg 3 0 R /K 0>>", 7: "<</S /P /Pg 3 0 R /K 0>>"}),
        ("no marks", {5: "<</K 6 0 R>>", 6: "<</S /P /P 5 0 R>>"}),
        ("no page", {5: "<</K 6 0 R>>", 6: "<</S /P /K [0 (x) null]>>"}),
        ("nothing", {5: "<<>>"}),
        ("depth", {5: "<</K 6 0 R>>"} | {n: f"<</S /P /Pg 3 0 R /K [{n + 1} 0 R]>>" for n in range(6, 200)}),
        ("no tree", {5: "(x)"}),
    ],
)
def test_a_tree_that_cannot_be_used_is_left_out_and_the_page_is_one_passage(what: str, tree: dict[int, str]) -> None:
    whole = joined(tagged_page(words(0, "Words"), dict(tree)))
    assert structure_findings(whole) == [], what
    assert [role for role, _ in elements(whole)][-2:] == ["Part", "P"], what


@pytest.mark.parametrize(
    "left",
    [
        "q q 0.1 0 0 0.1 9 9 cm ",
        "Q Q ",
        "/P <</MCID 9>> BDC q ",
        "(q \\) \\( Q (Q) EMC) Tj ",
        "% q q\n",
        "BI /W 1 /H 1 /BPC 8 /CS /G ID q EI ",
    ],
)
@pytest.mark.real
def test_content_that_leaves_its_state_behind_moves_nothing_of_ours(left: str, tmp_path: Path) -> None:
    tree: dict[int, str | bytes] = {5: "<</K 6 0 R>>", 6: "<</S /P /P 5 0 R /Pg 3 0 R /K [0]>>"}
    whole = joined(tagged_page(words(0, "Words") + left, tree))
    found = drawn_text(whole, tmp_path, "-bbox", "-f", "3")
    (line,) = [one for one in found.splitlines() if ">TC6-12345</word>" in one]
    assert float(line.split('xMin="')[1].split('"')[0]) < 60
    assert float(line.split('yMin="')[1].split('"')[0]) > 760


def test_a_mark_that_ends_what_never_began_makes_the_page_one_passage() -> None:
    tree: dict[int, str | bytes] = {5: "<</K 6 0 R>>", 6: "<</S /P /P 5 0 R /Pg 3 0 R /K [0]>>"}
    whole = joined(tagged_page("EMC " + words(0, "Words"), tree))
    assert structure_findings(whole) == []


def test_the_look_of_a_signature_on_a_tagged_page_is_a_passage_after_it() -> None:
    tree: dict[int, str | bytes] = {
        5: "<</K 6 0 R>>",
        6: "<</S /H1 /P 5 0 R /Pg 3 0 R /K [0]>>",
        7: "<</Type /Annot /Subtype /Stamp /Rect [100 100 300 150] /F 4 /AP <</N 8 0 R>>>>",
        8: stream(b"0 0 9 9 re f", "/Type /XObject /Subtype /Form /BBox [0 0 9 9]"),
    }
    whole = joined(tagged_page(words(0, "Words"), tree, page="/Annots [7 0 R]"))
    assert structure_findings(whole) == []
    assert [role for role, _ in elements(whole)][-3:] == ["Part", "H1", "P"]


def test_properties_named_in_resources_keep_their_marks_and_lose_the_rest() -> None:
    tree: dict[int, str | bytes] = {5: "<</K 6 0 R>>", 6: "<</S /P /P 5 0 R /Pg 3 0 R /K [0]>>"}
    content = "/P /M0 BDC BT /F1 12 Tf 72 700 Td (Words) Tj ET EMC"
    more = "/Properties <</M0 <</MCID 0 /JS (app.alert\\(1\\)) /Lang (fr)>>>>"
    whole = joined(tagged_page(content, tree, more=more))
    assert b"app.alert" not in unpacked(whole)
    with pikepdf.open(BytesIO(whole)) as file:
        assert set(file.pages[-1].Resources.Properties.M0.keys()) == {"/MCID", "/Lang"}


def test_hostile_files_stay_untagged_and_harmless() -> None:
    assert structure_findings(joined(hostile_pdfs.ACTIVE)) == []
