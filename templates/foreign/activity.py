# mypy: allow-untyped-calls
"""What a PDF that travels byte for byte must not hold: nothing in it may act, carry other files or fetch them.

It is signed as it stands, so nothing can be taken out of it: it is refused instead. Links to addresses on the web and
places in the file are allowed, and so is a signature field.
"""

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, PdfObject, StreamObject

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

_MOST_OBJECTS = 2_000_000

_ALLOWED_ACTIONS = frozenset({"/GoTo", "/URI"})
_ACTIONS = _ALLOWED_ACTIONS | {
    "/GoTo3DView",
    "/GoToDp",
    "/GoToE",
    "/GoToR",
    "/Hide",
    "/ImportData",
    "/JavaScript",
    "/Launch",
    "/Movie",
    "/Named",
    "/Rendition",
    "/ResetForm",
    "/RichMediaExecute",
    "/SetOCGState",
    "/Sound",
    "/SubmitForm",
    "/Thread",
    "/Trans",
}
"""ISO 32000-1, table 198, and ISO 32000-2, table 201."""
_ACTIVE_KEYS = frozenset({"/AA", "/EmbeddedFiles", "/EF", "/JavaScript", "/JS", "/RichMediaContent"})
_ACTIVE_ANNOTATIONS = frozenset({"/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen", "/Sound"})
_ADDRESSES = ("http://", "https://", "mailto:")


def refuse_activity(reader: PdfReader) -> None:
    """Looks at everything that the catalogue leads to.

    Raises InputRefused: document.active-content, document.external-content; and what pypdf raises.
    """
    waiting: list[PdfObject] = [reader.root_object]
    seen: set[tuple[int, int]] = set()
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            found = one.get_object()
            waiting += [found] if found is not None else []
        elif isinstance(one, DictionaryObject):
            _refuse(one)
            waiting += [one.raw_get(name) for name in one]
        elif isinstance(one, ArrayObject):
            waiting += list(one)
    raise InputRefused(Code.DOCUMENT_TOO_LARGE, objects=_MOST_OBJECTS)


def _refuse(one: DictionaryObject) -> None:
    if isinstance(one, StreamObject):
        if "/F" in one or "/Ref" in one:
            raise InputRefused(Code.DOCUMENT_EXTERNAL_CONTENT)
        if one.get("/Subtype") == "/PS":
            raise InputRefused(Code.DOCUMENT_ACTIVE_CONTENT)
    kind = one.get("/S")
    acts = (
        bool(_ACTIVE_KEYS & one.keys())
        or one.get("/Subtype") in _ACTIVE_ANNOTATIONS
        or (isinstance(kind, NameObject) and kind in _ACTIONS and kind not in _ALLOWED_ACTIONS)
        or (kind == "/URI" and not is_web_address(one.get("/URI")))
    )
    if acts:
        raise InputRefused(Code.DOCUMENT_ACTIVE_CONTENT)


def is_web_address(value: object) -> bool:
    """Whether the address of a link may be kept."""
    return str(value).strip().lower().startswith(_ADDRESSES)
