"""What is seen of annotations: the looks that a viewer would draw onto the page (ISO 32000-1, 12.5.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from pikepdf import Dictionary, Object, Stream

from templates.foreign.reader import array, dictionary

_HIDDEN, _NO_VIEW = 1 << 1, 1 << 5
_NEVER_PART_OF_THE_TEXT = frozenset({"/Link", "/Popup", "/FileAttachment", "/Movie", "/Sound", "/Screen", "/RichMedia"})
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Look:
    """An appearance stream and the matrix that puts it into its rectangle."""

    appearance: Object
    matrix: tuple[float, ...]


def looks(page: Object) -> Iterator[Look]:
    """The looks of a page's annotations, in drawing order. Raises what qpdf raises for hostile input."""
    for annotation in array(page.get("/Annots")):
        if not isinstance(annotation, Dictionary) or str(annotation.get("/Subtype")) in _NEVER_PART_OF_THE_TEXT:
            continue
        if int(annotation.get("/F", 0)) & (_HIDDEN | _NO_VIEW):
            continue
        appearance = _normal_appearance(annotation)
        matrix = _matrix(annotation, appearance) if appearance is not None else None
        if appearance is not None and matrix is not None:
            yield Look(appearance=appearance, matrix=matrix)


def _normal_appearance(annotation: Object) -> Object | None:
    appearance = dictionary(annotation.get("/AP")).get("/N")
    if isinstance(appearance, Dictionary):
        appearance = appearance.get(str(annotation.get("/AS", "/Off")))
    return appearance if isinstance(appearance, Stream) else None


def _matrix(annotation: Object, form: Object) -> tuple[float, ...] | None:
    """Algorithm 'appearance streams' of 12.5.5: the form's transformed box onto the annotation's rectangle."""
    a, b, c, d, e, f = _numbers(form.get("/Matrix"), 6) or _IDENTITY
    box, rectangle = _numbers(form.get("/BBox"), 4), _numbers(annotation.get("/Rect"), 4)
    if box is None or rectangle is None:
        return None
    corners = [(x, y) for x in box[0::2] for y in box[1::2]]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    left, right = sorted(rectangle[0::2])
    bottom, top = sorted(rectangle[1::2])
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if width <= 0 or height <= 0:
        return None
    across, up = (right - left) / width, (top - bottom) / height
    return (across, 0.0, 0.0, up, left - min(xs) * across, bottom - min(ys) * up)


def _numbers(value: object, count: int) -> tuple[float, ...] | None:
    found = array(value)
    return tuple(float(item) for item in found) if len(found) == count else None
