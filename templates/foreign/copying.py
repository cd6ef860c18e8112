"""Copies what a page shows into a file of ours, and nothing that could act, lead out of the file or carry others.

What must stay behind is taken out of their file in memory, object by object; what is left is copied whole.
"""

import zlib
from collections.abc import Sequence
from enum import Enum

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.foreign.reader import ForeignPage, Key, check_unpacks, contents_of, dictionary, unpacked

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

    def __init__(self, ours: Pdf, theirs: Pdf, *, tagged: bool = False) -> None:
        """tagged: keep what the content's own tags say."""
        self._ours = ours
        self._theirs = theirs
        self._resources = _RESOURCES | {"/Properties"} if tagged else _RESOURCES
        self._roles: dict[Key, _Role] = {}

    def as_form(self, page: ForeignPage) -> Object:
        """The page as a form XObject: whatever state its content leaves behind ends with it (ISO 32000-1, 8.10.1).

        Raises InputRefused (document.external-content, document.active-content), and what qpdf raises.
        """
        streams = contents_of(page.page)
        form = self._alone(streams[0]) if len(streams) == 1 else self._joined(streams)
        box = page.box
        form.Type, form.Subtype = Name.XObject, Name.Form
        form.BBox = Array([_number(side) for side in (box.left, box.bottom, box.right, box.top)])
        form.Resources = self._copied(dictionary(page.page.get("/Resources")), _Role.RESOURCES)
        return form

    def resources(self, page: ForeignPage) -> Object:
        """What the page draws with, in dictionaries of this page alone."""
        copied = self._copied(dictionary(page.page.get("/Resources")), _Role.RESOURCES)
        own = Dictionary(dict(copied.items()))
        if "/XObject" in own:
            own.XObject = Dictionary(dict(dictionary(own.XObject).items()))
        return own

    def stream(self, stream: Object) -> Object:
        """A content stream of ours that holds what theirs does, packed as it was."""
        made = self._ours.make_stream(stream.read_raw_bytes())
        for name in ("/Filter", "/DecodeParms"):
            if name in stream:
                made[name] = self._value(stream[name])
        return made

    def _value(self, value: Object) -> Object:
        """Of an entry: mostly a name."""
        if isinstance(value, Name):
            return Name(str(value))
        return self._copied(Array([value]), _Role.OBJECT)[0]

    def copy(self, value: Object) -> Object:
        """A copy of an object, such as the look of an annotation."""
        return self._copied(value, _Role.OBJECT)

    def _alone(self, stream: Object) -> Object:
        check_unpacks(stream)
        return self.stream(stream)

    def _joined(self, streams: Sequence[Object]) -> Object:
        packed = zlib.compress(b"\n".join(unpacked(stream) for stream in streams))
        return self._ours.make_stream(packed, Filter=Name.FlateDecode)

    def _copied(self, value: Object, role: _Role) -> Object:
        self._strip(value, role)
        return self._ours.copy_foreign(value if value.is_indirect else self._theirs.make_indirect(value))

    def _strip(self, value: Object, role: _Role) -> None:
        """Takes out of the value, and of all it leads to, what must stay behind."""
        waiting: list[tuple[object, _Role]] = [(value, role)]
        while waiting:
            one, role = waiting.pop()
            if not isinstance(one, Dictionary | Stream | Array) or self._was_stripped(one, role):
                continue
            if isinstance(one, Array):
                waiting += [(item, _Role.OBJECT) for item in one]
                continue
            if isinstance(one, Stream):
                _refuse_what_draws_on_others(one)
            for name, entry in list(one.items()):
                if self._stays_behind(name, role):
                    del one[name]
                else:
                    waiting.append((entry, _role_of(name, role)))

    def _was_stripped(self, one: Object, role: _Role) -> bool:
        """Raises ValueError for an object that is two things at once: what is left of it would suit neither."""
        if not one.is_indirect:
            return False
        before = self._roles.get(one.objgen)
        if before not in {None, role}:
            raise ValueError("an object in two roles")
        self._roles[one.objgen] = role
        return before is not None

    def _stays_behind(self, name: str, role: _Role) -> bool:
        match role:
            case _Role.RESOURCES:
                return name not in self._resources
            case _Role.PROPERTY_LIST:
                return name not in _PROPERTIES
            case _:
                return role is _Role.OBJECT and name in _LEFT_BEHIND


def _refuse_what_draws_on_others(stream: Object) -> None:
    if "/F" in stream:
        raise InputRefused(Code.DOCUMENT_EXTERNAL_CONTENT)
    if str(stream.get("/Subtype")) == "/PS":
        raise InputRefused(Code.DOCUMENT_ACTIVE_CONTENT)


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


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else round(value, 4)
