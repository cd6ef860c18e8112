# mypy: allow-untyped-calls
"""Copies what a page shows into a file of ours, and nothing that could act, lead out of the file or carry others."""

import zlib
from enum import Enum

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
    StreamObject,
)

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.foreign.reader import ForeignPage, contents_of, dictionary

_RESOURCES = frozenset({"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading"})
"""What a page draws with. Layers and the rest stay behind."""
_PROPERTIES = frozenset({"/MCID", "/Lang", "/Alt", "/ActualText", "/E"})
"""Of a property list, where the tags of the content are kept."""

_LEFT_BEHIND = frozenset(
    (
        "/A",
        "/AA",
        "/AF",
        "/Alternates",
        "/Annots",
        "/EF",
        "/FDecodeParms",
        "/FFilter",
        "/JS",
        "/JavaScript",
        "/LastModified",
        "/Length",
        "/Measure",
        "/Metadata",
        "/OC",
        "/OPI",
        "/OpenAction",
        "/P",
        "/Parent",
        "/PieceInfo",
        "/PtData",
        "/Ref",
        "/StructParent",
        "/StructParents",
        "/Thumb",
    )
)
_CHOSEN_NAMES = frozenset({"/CharProcs", "/Colorants"})
"""Entries whose keys are chosen by the author (glyph and ink names): none of them is a keyword."""


class _Role(Enum):
    OBJECT = 1
    RESOURCES = 2
    NAMES = 3
    PROPERTIES = 4
    PROPERTY_LIST = 5


class Copier:
    """Copies from one foreign file; an object that is used often is copied once."""

    def __init__(self, writer: PdfWriter, *, tagged: bool = False) -> None:
        """tagged: keep what the content's own tags say."""
        self._writer = writer
        self._resources = _RESOURCES | {"/Properties"} if tagged else _RESOURCES
        self._copied: dict[tuple[int, int, _Role], IndirectObject] = {}

    def as_form(self, page: ForeignPage) -> IndirectObject:
        """The page as a form XObject: whatever state its content leaves behind ends with it (ISO 32000-1, 8.10.1).

        Raises InputRefused (document.external-content, document.active-content), and what pypdf raises.
        """
        form = self._content(page)
        box = page.box
        form[NameObject("/Type")] = NameObject("/XObject")
        form[NameObject("/Subtype")] = NameObject("/Form")
        form[NameObject("/BBox")] = ArrayObject(_number(side) for side in (box.left, box.bottom, box.right, box.top))
        resources = page.page.get("/Resources")
        found = resources.get_object() if resources is not None else DictionaryObject()
        form[NameObject("/Resources")] = self._copy(found, _Role.RESOURCES)
        return self._writer._add_object(form)

    def resources(self, page: ForeignPage) -> DictionaryObject:
        """What the page draws with, in dictionaries of this page alone."""
        found = dictionary(page.page.get("/Resources"))
        copied = DictionaryObject()
        self._fill(copied, found, _Role.RESOURCES)
        if "/XObject" in found:
            forms = DictionaryObject()
            self._fill(forms, dictionary(found["/XObject"]), _Role.NAMES)
            copied[NameObject("/XObject")] = forms
        return copied

    def stream(self, stream: StreamObject) -> IndirectObject:
        """A copy of a content stream."""
        return self._writer._add_object(self._stream(stream))

    def _content(self, page: ForeignPage) -> StreamObject:
        streams = contents_of(page.page)
        if len(streams) == 1:
            return self._stream(streams[0])
        joined = StreamObject()
        joined._data = zlib.compress(b"\n".join(stream.get_data() for stream in streams))
        joined[NameObject("/Filter")] = NameObject("/FlateDecode")
        return joined

    def copy(self, value: PdfObject) -> PdfObject:
        """A copy of an object, such as the look of an annotation."""
        return self._copy(value, _Role.OBJECT)

    def _copy(self, value: PdfObject, role: _Role) -> PdfObject:
        if isinstance(value, IndirectObject):
            return self._referred(value, role)
        if isinstance(value, StreamObject):
            return self._stream(value)
        if isinstance(value, DictionaryObject):
            copied = DictionaryObject()
            self._fill(copied, value, role)
            return copied
        if isinstance(value, ArrayObject):
            return ArrayObject(self._copy(item, _Role.OBJECT) for item in value)
        return value

    def _referred(self, reference: IndirectObject, role: _Role) -> PdfObject:
        key = (reference.idnum, reference.generation, role)
        if key in self._copied:
            return self._copied[key]
        value = reference.get_object()
        if isinstance(value, StreamObject):
            copied: DictionaryObject = StreamObject()
        elif isinstance(value, DictionaryObject):
            copied = DictionaryObject()
        else:
            return self._copy(value, role) if isinstance(value, PdfObject) else NullObject()
        self._copied[key] = self._writer._add_object(copied)
        if isinstance(value, StreamObject) and isinstance(copied, StreamObject):
            self._fill_stream(copied, value)
        else:
            self._fill(copied, value, role)
        return self._copied[key]

    def _stream(self, stream: StreamObject) -> StreamObject:
        copied = StreamObject()
        self._fill_stream(copied, stream)
        return copied

    def _fill_stream(self, copied: StreamObject, stream: StreamObject) -> None:
        if "/F" in stream:
            raise InputRefused(Code.DOCUMENT_EXTERNAL_CONTENT)
        if stream.get("/Subtype") == "/PS":
            raise InputRefused(Code.DOCUMENT_ACTIVE_CONTENT)
        copied._data = stream._data
        self._fill(copied, stream, _Role.OBJECT)

    def _fill(self, copied: DictionaryObject, source: DictionaryObject, role: _Role) -> None:
        for name in source:
            if role is _Role.RESOURCES and name not in self._resources:
                continue
            if role is _Role.PROPERTY_LIST and name not in _PROPERTIES:
                continue
            if role is _Role.OBJECT and name in _LEFT_BEHIND:
                continue
            copied[NameObject(name)] = self._copy(source.raw_get(name), _role_of(name, role))


def _role_of(name: str, within: _Role) -> _Role:
    if within is _Role.RESOURCES:
        return _Role.PROPERTIES if name == "/Properties" else _Role.NAMES
    if within is _Role.PROPERTIES:
        return _Role.PROPERTY_LIST
    if within is _Role.OBJECT and name == "/Resources":
        return _Role.RESOURCES
    if within is _Role.OBJECT and name in _CHOSEN_NAMES:
        return _Role.NAMES
    return _Role.OBJECT


def _number(value: float) -> PdfObject:
    return NumberObject(int(value)) if value == int(value) else FloatObject(round(value, 4))
