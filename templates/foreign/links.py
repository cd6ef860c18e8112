# mypy: allow-untyped-calls
"""Links of a foreign page that lead to a web or mail address or to a page of their file; all other annotations stay
behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

from templates.foreign.activity import is_web_address
from templates.foreign.reader import ForeignPage, dictionary

_PRINTED = 4
_SIDES = 4
_LEFT, _TOP = 2, 3

Links = Mapping[tuple[int, int], IndirectObject]
"""The link of ours for each annotation of theirs, by the number of its object."""


@dataclass(frozen=True)
class Place:
    """The page of ours that a page of theirs is on, and the matrix that brings theirs onto it."""

    page: PdfObject
    placed: Sequence[float]


def copied_links(writer: PdfWriter, page: ForeignPage, places: Mapping[tuple[int, int], Place]) -> Links:
    """The page's links, made anew: where they are, where they lead, their words, and nothing else of them.

    places: of the pages of their file, by the number of the page's object.
    """
    annotations = page.page.get("/Annots")
    found = annotations.get_object() if annotations is not None else None
    links: dict[tuple[int, int], IndirectObject] = {}
    for reference in found if isinstance(found, ArrayObject) else ():
        link = _link(dictionary(reference), page.placed, places)
        if link is not None and isinstance(reference, IndirectObject):
            links[reference.idnum, reference.generation] = writer._add_object(link)
    return links


def _link(
    annotation: DictionaryObject, placed: Sequence[float], places: Mapping[tuple[int, int], Place]
) -> DictionaryObject | None:
    sides = _array(annotation.get("/Rect"))
    leads = _address(annotation) or _destination(annotation, places)
    if annotation.get("/Subtype") != "/Link" or leads is None or len(sides) != _SIDES:
        return None
    words = annotation.get("/Contents")
    said = str(words) if isinstance(words, TextStringObject) and str(words).strip() else leads.words
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject(FloatObject(round(side, 2)) for side in _moved(sides, placed)),
            NameObject("/Border"): ArrayObject(NumberObject(0) for _ in range(3)),
            NameObject("/F"): NumberObject(_PRINTED),
            NameObject("/Contents"): TextStringObject(said),
            NameObject(leads.entry): leads.value,
        }
    )


@dataclass(frozen=True)
class _Leads:
    """Where a link leads: the entry that says so, and words for it where the link has none."""

    entry: str
    value: PdfObject
    words: str


def _address(annotation: DictionaryObject) -> _Leads | None:
    action = dictionary(annotation.get("/A"))
    address = action.get("/URI")
    if action.get("/S") != "/URI" or not is_web_address(address):
        return None
    words = str(address).strip()
    value = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject(words)}
    return _Leads("/A", DictionaryObject(value), words)


def _destination(annotation: DictionaryObject, places: Mapping[tuple[int, int], Place]) -> _Leads | None:
    """A page of their own file, and the point on it where one is given; names of places are not followed."""
    action = dictionary(annotation.get("/A"))
    target = _array(action.get("/D") if action.get("/S") == "/GoTo" else annotation.get("/Dest"))
    page = target[0] if target else None
    place = places.get((page.idnum, page.generation)) if isinstance(page, IndirectObject) else None
    if place is None:
        return None
    return _Leads("/Dest", ArrayObject([place.page, *_view(target, place.placed)]), "\u2192")


def _view(target: Sequence[PdfObject], placed: Sequence[float]) -> Sequence[PdfObject]:
    """The point of an /XYZ destination, on our page; of all others the whole page."""
    left, top = (_figure(target, index) for index in (_LEFT, _TOP))
    if top is None:
        return (NameObject("/Fit"),)
    x, y, _, _ = _moved([left or NumberObject(0), top] * 2, placed)
    return (NameObject("/XYZ"), FloatObject(round(x, 2)), FloatObject(round(y, 2)), NullObject())


def _figure(target: Sequence[PdfObject], index: int) -> PdfObject | None:
    """A coordinate of an /XYZ destination."""
    if len(target) <= index or str(target[1]) != "/XYZ":
        return None
    found = target[index].get_object()
    return found if isinstance(found, NumberObject | FloatObject) else None


def _array(value: object) -> Sequence[PdfObject]:
    found = value.get_object() if isinstance(value, PdfObject) else None
    return found if isinstance(found, ArrayObject) else ()


def _moved(sides: Sequence[PdfObject], placed: Sequence[float]) -> tuple[float, float, float, float]:
    a, b, c, d, e, f = placed
    left, bottom, right, top = (float(cast(FloatObject, side.get_object())) for side in sides)
    xs = [a * x + c * y + e for x, y in ((left, bottom), (right, top))]
    ys = [b * x + d * y + f for x, y in ((left, bottom), (right, top))]
    return min(xs), min(ys), max(xs), max(ys)
