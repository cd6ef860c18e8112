"""How a foreign page is drawn on a page of ours."""

from collections.abc import Sequence

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from templates.foreign.annotations import looks
from templates.foreign.balance import Balance
from templates.foreign.copying import Copier
from templates.foreign.links import Links
from templates.foreign.reader import ForeignPage, contents_of

_STRIP = "/RegistryStrip"


class Placer:
    """Draws the pages of one foreign file."""

    def __init__(self, ours: Pdf, copier: Copier) -> None:
        self._ours = ours
        self._copier = copier
        self._streams: dict[str, Object] = {}

    def as_form(self, page: ForeignPage, place: Object) -> None:
        """The page as one form: whatever state its content leaves behind ends with it. Marked content 0."""
        forms = Dictionary({"/Foreign": self._copier.as_form(page)})
        drawn = f"/P <</MCID 0>> BDC q {_matrix(page.placed)} /Foreign Do {self._looks(page, forms)}Q EMC"
        place.Contents = Array([self._stream(drawn), place.Contents])
        place.Resources.XObject = forms

    def as_drawn(self, page: ForeignPage, place: Object, links: Links, balance: Balance, *, next_mark: int) -> bool:
        """The page's own content, so that its marks are those of our page; our own content becomes a form.

        Whether looks of annotations were drawn, as marked content `next_mark`.
        """
        streams = contents_of(page.page)
        resources = self._copier.resources(page)
        if "/XObject" not in resources:
            resources.XObject = Dictionary()
        forms = resources.XObject
        strip = _free_name(forms)
        forms[strip] = self._own_content(place)
        looked = self._looks(page, forms)
        before = f"q {_matrix(page.placed)} {'q ' * balance.before}"
        after = f"{'EMC ' * balance.marks}{'Q ' * balance.after}"
        if looked:
            after += f"/P <</MCID {next_mark}>> BDC {looked}EMC "
        after += f"Q /Artifact BMC q {strip} Do Q EMC"
        drawn = [self._copier.stream(stream) for stream in streams]
        place.Contents = Array([self._stream(before), *drawn, self._stream(after)])
        place.Resources = resources
        if links:
            place.Annots = Array(links.values())
            place.Tabs = Name.S
        return bool(looked)

    def _looks(self, page: ForeignPage, forms: Object) -> str:
        """Draws the looks of the page's annotations, and names them in the resources."""
        drawn = ""
        for number, look in enumerate(looks(page.page)):
            name = f"/RegistryLook{number}"
            forms[name] = self._copier.copy(look.appearance)
            drawn += f"q {_matrix(look.matrix)} {name} Do Q "
        return drawn

    def _own_content(self, place: Object) -> Object:
        """What stands on our page so far: its stream serves as the form."""
        form = place.Contents
        if not isinstance(form, Stream):
            raise TypeError("a page of ours with more than one stream")
        form.Type, form.Subtype = Name.XObject, Name.Form
        form.BBox = place.MediaBox
        form.Resources = place.Resources
        return form

    def _stream(self, operators: str) -> Object:
        """Of most pages the same, and then one object."""
        if operators not in self._streams:
            self._streams[operators] = self._ours.make_stream(operators.encode() + b"\n")
        return self._streams[operators]


def _free_name(forms: Object) -> str:
    """A name that their page does not use."""
    name = _STRIP
    while name in forms:
        name += "_"
    return name


def _matrix(matrix: Sequence[float]) -> str:
    return " ".join(f"{value + 0.0:.5f}".rstrip("0").rstrip(".") for value in matrix) + " cm"
