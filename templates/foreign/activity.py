"""What a PDF that travels byte for byte must not hold: nothing in it may act, carry other files or fetch them.

It is signed as it stands, so nothing can be taken out of it: it is refused instead. Links to addresses on the web and
places in the file are allowed, and so is a signature field.
"""

from collections.abc import Mapping

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.foreign.reader import Key

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


def refuse_activity(reader: Pdf) -> None:
    """Looks at everything that the catalogue leads to.

    Raises InputRefused: document.active-content, document.external-content, document.too-large; and what qpdf raises.
    """
    waiting: list[object] = [reader.Root]
    seen: set[Key] = set()
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return
        one = waiting.pop()
        if not isinstance(one, Dictionary | Stream | Array):
            continue
        if one.is_indirect:
            if one.objgen in seen:
                continue
            seen.add(one.objgen)
        if isinstance(one, Array):
            waiting += list(one)
        else:
            entries = dict(one.items())
            _refuse(entries, stream=isinstance(one, Stream))
            waiting += entries.values()
    raise InputRefused(Code.DOCUMENT_TOO_LARGE, objects=_MOST_OBJECTS)


def _refuse(one: Mapping[str, Object], *, stream: bool) -> None:
    if stream:
        if "/F" in one or "/Ref" in one:
            raise InputRefused(Code.DOCUMENT_EXTERNAL_CONTENT)
        if _name(one.get("/Subtype")) == "/PS":
            raise InputRefused(Code.DOCUMENT_ACTIVE_CONTENT)
    kind = _name(one.get("/S"))
    acts = (
        bool(_ACTIVE_KEYS & one.keys())
        or _name(one.get("/Subtype")) in _ACTIVE_ANNOTATIONS
        or (kind in _ACTIONS and kind not in _ALLOWED_ACTIONS)
        or (kind == "/URI" and not is_web_address(one.get("/URI")))
    )
    if acts:
        raise InputRefused(Code.DOCUMENT_ACTIVE_CONTENT)


def _name(value: object) -> str | None:
    return str(value) if isinstance(value, Name) else None


def is_web_address(value: object) -> bool:
    """Whether the address of a link may be kept."""
    return str(value).strip().lower().startswith(_ADDRESSES)
