"""The checks can fail: a paper broken on purpose is caught by the validator or by our own check."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import page
import pikepdf
import pytest

from gateway.domain.parties import PreferredLanguage
from tests.templates.structure_check import structure_findings
from tests.templates.test_conformance import decision

Pdf = pikepdf.Pdf


def first(pdf: Pdf, role: str) -> Any:
    """The first element of a role."""
    return next(one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == f"/{role}")


def content(pdf: Pdf, old: bytes, new: bytes, number: int = 0) -> None:
    """Changes the content of a page."""
    stream = pdf.pages[number].Contents
    before = stream.read_bytes()
    assert old in before
    stream.write(before.replace(old, new, 1))


def swap_parent_tree(pdf: Pdf) -> None:
    marks = pdf.Root.StructTreeRoot.ParentTree.Nums[1]
    marks[0], marks[1] = marks[1], marks[0]


def orphan(pdf: Pdf) -> None:
    sections = pdf.Root.StructTreeRoot.K[0].K
    del sections[0].K[2]


def duplicate(pdf: Pdf) -> None:
    content(pdf, b"/MCID 1>>", b"/MCID 0>>")


def nested(pdf: Pdf) -> None:
    content(pdf, b"/P <</MCID 0>> BDC", b"/P <</MCID 0>> BDC /P <</MCID 900>> BDC EMC")


def order(pdf: Pdf) -> None:
    kids = pdf.Root.StructTreeRoot.K[0].K[0].K
    kids[4], kids[5] = kids[5], kids[4]


def unmarked(pdf: Pdf) -> None:
    content(pdf, b"/Artifact <</Type /Pagination>> BDC", b"")


def no_scope(pdf: Pdf) -> None:
    del first(pdf, "TH").A


def wrong_parent(pdf: Pdf) -> None:
    first(pdf, "LI").P = pdf.Root.StructTreeRoot.K[0]


def skipped_level(pdf: Pdf) -> None:
    first(pdf, "H2").S = pikepdf.Name.H4


def untold_language(pdf: Pdf) -> None:
    del pdf.Root.Lang


def unnamed_note(pdf: Pdf) -> None:
    del first(pdf, "Note").ID


def silent_link(pdf: Pdf) -> None:
    next(iter(pdf.pages[2].Annots)).Contents = pikepdf.String("")


def lost_link(pdf: Pdf) -> None:
    link = first(pdf, "Link")
    link.K = pikepdf.Array([kid for kid in link.K if isinstance(kid, int)])


def untitled(pdf: Pdf) -> None:
    del pdf.Root.ViewerPreferences


def no_structure(pdf: Pdf) -> None:
    del pdf.Root.StructTreeRoot


def no_intent(pdf: Pdf) -> None:
    del pdf.Root.OutputIntents


def no_identifier(pdf: Pdf) -> None:
    pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(b"<pdfuaid:part>1</pdfuaid:part>", b""))


def font_not_embedded(pdf: Pdf) -> None:
    fonts = pdf.pages[0].Resources.Font
    del fonts["/F0"].FontDescriptor.FontFile2


def script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


BY_US = [swap_parent_tree, orphan, duplicate, nested, order, unmarked, no_scope, wrong_parent, skipped_level]
BY_US += [untold_language, unnamed_note, silent_link, lost_link, untitled, no_structure]
BY_VALIDATOR = [no_intent, no_identifier, font_not_embedded, script]


@pytest.fixture(scope="module")
def sound() -> bytes:
    """A paper in which nothing is found."""
    made = decision(PreferredLanguage.EN)
    assert structure_findings(made) == []
    return made


def broken(sound: bytes, breaking: Callable[[Pdf], None]) -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(sound)) as pdf:
        breaking(pdf)
        pdf.save(target)
    return target.getvalue()


@pytest.mark.parametrize("breaking", BY_US, ids=lambda one: one.__name__)
def test_our_own_check_finds(breaking: Callable[[Pdf], None], sound: bytes) -> None:
    assert structure_findings(broken(sound, breaking)) != []


@pytest.mark.parametrize("breaking", BY_VALIDATOR, ids=lambda one: one.__name__)
def test_the_validator_finds(breaking: Callable[[Pdf], None], sound: bytes) -> None:
    made = broken(sound, breaking)
    assert not all(page.is_pdf_compliant_bytes(made, profile=profile) for profile in ("pdfua-1", "pdfa-2a"))
