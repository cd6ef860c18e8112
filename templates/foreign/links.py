"""Links of a foreign page that lead to a web or mail address or to a page of their file; all other annotations stay
behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from templates.foreign.activity import is_web_address
from templates.foreign.reader import ForeignPage, Key, array, dictionary, key_of

_PRINTED = 4
_SIDES = 4
_LEFT, _TOP = 2, 3

Links = Mapping[Key, Object]
"""The link of ours for each annotation of theirs, by the key of its object."""


@dataclass(frozen=True)
class Place:
    """The page of ours that a page of theirs is on, and the matrix that brings theirs onto it."""

    page: Object
    placed: Sequence[float]


def copied_links(ours: Pdf, page: ForeignPage, places: Mapping[Key, Place]) -> Links:
    """The page's links, made anew: where they are, where they lead, their words, and nothing else of them.

    places: of the pages of their file, by the key of the page's object.
    """
    links: dict[Key, Object] = {}
    for annotation in array(page.page.get("/Annots")):
        link = _link(dictionary(annotation), page.placed, places)
        if link is not None and annotation.is_indirect:
            links[annotation.objgen] = ours.make_indirect(link)
    return links


def _link(annotation: Object, placed: Sequence[float], places: Mapping[Key, Place]) -> Object | None:
    sides = array(annotation.get("/Rect"))
    leads = _address(annotation) or _destination(annotation, places)
    if str(annotation.get("/Subtype")) != "/Link" or leads is None or len(sides) != _SIDES:
        return None
    words = annotation.get("/Contents")
    said = str(words) if isinstance(words, String) and str(words).strip() else leads.words
    return Dictionary(
        {
            "/Type": Name.Annot,
            "/Subtype": Name.Link,
            "/Rect": Array([round(side, 2) for side in _moved([float(side) for side in sides], placed)]),
            "/Border": Array([0, 0, 0]),
            "/F": _PRINTED,
            "/Contents": String(said),
            leads.entry: leads.value,
        }
    )


@dataclass(frozen=True)
class _Leads:
    """Where a link leads: the entry that says so, and words for it where the link has none."""

    entry: str
    value: Object
    words: str


def _address(annotation: Object) -> _Leads | None:
    action = dictionary(annotation.get("/A"))
    address = action.get("/URI")
    if str(action.get("/S")) != "/URI" or not is_web_address(address):
        return None
    words = str(address).strip()
    return _Leads("/A", Dictionary({"/S": Name.URI, "/URI": String(words)}), words)


def _destination(annotation: Object, places: Mapping[Key, Place]) -> _Leads | None:
    """A page of their own file, and the point on it where one is given; names of places are not followed."""
    action = dictionary(annotation.get("/A"))
    target = array(action.get("/D") if str(action.get("/S")) == "/GoTo" else annotation.get("/Dest"))
    place = places.get(key_of(target[0])) if target else None
    if place is None:
        return None
    return _Leads("/Dest", Array([place.page, *_view(target, place.placed)]), "\u2192")


def _view(target: Sequence[object], placed: Sequence[float]) -> Sequence[object]:
    """The point of an /XYZ destination, on our page; of all others the whole page."""
    left, top = (_figure(target, index) for index in (_LEFT, _TOP))
    if top is None:
        return (Name.Fit,)
    x, y, _, _ = _moved([left or 0.0, top] * 2, placed)
    return (Name.XYZ, round(x, 2), round(y, 2), None)


def _figure(target: Sequence[object], index: int) -> float | None:
    """A coordinate of an /XYZ destination."""
    if len(target) <= index or str(target[1]) != "/XYZ":
        return None
    found = target[index]
    return float(found) if isinstance(found, int | Decimal) else None


def _moved(sides: Sequence[float], placed: Sequence[float]) -> tuple[float, float, float, float]:
    a, b, c, d, e, f = placed
    left, bottom, right, top = sides
    xs = [a * x + c * y + e for x, y in ((left, bottom), (right, top))]
    ys = [b * x + d * y + f for x, y in ((left, bottom), (right, top))]
    return min(xs), min(ys), max(xs), max(ys)
