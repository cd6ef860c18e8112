# mypy: allow-untyped-calls
"""How a foreign page is drawn on a page of ours."""

from collections.abc import Sequence

from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
)

from templates.foreign.annotations import looks
from templates.foreign.balance import Balance
from templates.foreign.copying import Copier
from templates.foreign.links import Links
from templates.foreign.reader import ForeignPage, contents_of, dictionary

_STRIP = "/RegistryStrip"


class Placer:
    """Draws the pages of one foreign file."""

    def __init__(self, writer: PdfWriter, copier: Copier) -> None:
        self._writer = writer
        self._copier = copier

    def as_form(self, page: ForeignPage, place: PageObject) -> None:
        """The page as one form: whatever state its content leaves behind ends with it. Marked content 0."""
        forms = DictionaryObject({NameObject("/Foreign"): self._copier.as_form(page)})
        drawn = f"/P <</MCID 0>> BDC q {_matrix(page.placed)} /Foreign Do {self._looks(page, forms)}Q EMC"
        place[NameObject("/Contents")] = ArrayObject([self._stream(drawn), place.raw_get("/Contents")])
        dictionary(place["/Resources"])[NameObject("/XObject")] = forms

    def as_drawn(self, page: ForeignPage, place: PageObject, links: Links, balance: Balance, *, next_mark: int) -> bool:
        """The page's own content, so that its marks are those of our page; our own content becomes a form.

        Whether looks of annotations were drawn, as marked content `next_mark`.
        """
        streams = contents_of(page.page)
        resources = self._copier.resources(page)
        forms = dictionary(resources.setdefault(NameObject("/XObject"), DictionaryObject()))
        strip = _free_name(forms)
        forms[NameObject(strip)] = self._own_content(place)
        looked = self._looks(page, forms)
        before = f"q {_matrix(page.placed)} {'q ' * balance.before}"
        after = f"{'EMC ' * balance.marks}{'Q ' * balance.after}"
        if looked:
            after += f"/P <</MCID {next_mark}>> BDC {looked}EMC "
        after += f"Q /Artifact BMC q {strip} Do Q EMC"
        drawn: list[PdfObject] = [self._stream(before)]
        drawn += [self._copier.stream(stream) for stream in streams]
        place[NameObject("/Contents")] = ArrayObject([*drawn, self._stream(after)])
        place[NameObject("/Resources")] = resources
        if links:
            place[NameObject("/Annots")] = ArrayObject(links.values())
            place[NameObject("/Tabs")] = NameObject("/S")
        return bool(looked)

    def _looks(self, page: ForeignPage, forms: DictionaryObject) -> str:
        """Draws the looks of the page's annotations, and names them in the resources."""
        drawn = ""
        for number, look in enumerate(looks(page.page)):
            copied = self._copier.copy(look.appearance)
            name = f"/RegistryLook{number}"
            forms[NameObject(name)] = copied if isinstance(copied, IndirectObject) else self._writer._add_object(copied)
            drawn += f"q {_matrix(look.matrix)} {name} Do Q "
        return drawn

    def _own_content(self, place: PageObject) -> IndirectObject:
        """What stands on our page so far."""
        own = place["/Contents"]
        if not isinstance(own, StreamObject):
            raise TypeError("a page of ours with more than one stream")
        form = StreamObject()
        form._data = own._data
        for name in own:
            form[NameObject(name)] = own.raw_get(name)
        form[NameObject("/Type")] = NameObject("/XObject")
        form[NameObject("/Subtype")] = NameObject("/Form")
        form[NameObject("/BBox")] = place.raw_get("/MediaBox")
        form[NameObject("/Resources")] = place.raw_get("/Resources")
        return self._writer._add_object(form)

    def _stream(self, operators: str) -> IndirectObject:
        stream = StreamObject()
        stream._data = operators.encode() + b"\n"
        return self._writer._add_object(stream)


def _free_name(forms: DictionaryObject) -> str:
    """A name that their page does not use."""
    name = _STRIP
    while name in forms:
        name += "_"
    return name


def _matrix(matrix: Sequence[float]) -> str:
    return " ".join(f"{value + 0.0:.5f}".rstrip("0").rstrip(".") for value in matrix) + " cm"
