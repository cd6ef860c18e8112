"""Crafted PDF files, written by hand so that each holds exactly the flaw it is about."""

import zlib
from collections.abc import Mapping
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from gateway.domain.codes import Code

FONT = "<</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>"


def pdf(objects: Mapping[int, bytes | str], root: int = 1, trailer: str = "") -> bytes:
    """A file of those objects with a right cross-reference table."""
    target = BytesIO()
    target.write(b"%PDF-1.7\n")
    offsets = {}
    for number, body in sorted(objects.items()):
        offsets[number] = target.tell()
        raw = body.encode("latin-1") if isinstance(body, str) else body
        target.write(b"%d 0 obj\n" % number + raw + b"\nendobj\n")
    start = target.tell()
    size = max(objects) + 1
    target.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        target.write(b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 65535 f \n")
    target.write(f"trailer\n<</Size {size} /Root {root} 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n".encode())
    return target.getvalue()


def stream(data: bytes, keys: str = "") -> bytes:
    """A stream object."""
    return f"<</Length {len(data)} {keys}>>\nstream\n".encode() + data + b"\nendstream"


def one_page(
    text: str = "Words of the member",
    *,
    page: str = "",
    catalogue: str = "",
    content: bytes | None = None,
    box: str = "[0 0 612 792]",
    resources: str = FONT,
    at: tuple[int, int] = (72, 700),
    more: Mapping[int, bytes | str] | None = None,
) -> bytes:
    """One page with a line of text, and whatever a case adds to page or catalogue; `more` objects begin at 5."""
    drawn = content or stream(f"BT /F1 12 Tf {at[0]} {at[1]} Td ({text}) Tj ET".encode())
    return pdf(
        {
            1: f"<</Type /Catalog /Pages 2 0 R {catalogue}>>",
            2: "<</Type /Pages /Kids [3 0 R] /Count 1>>",
            3: f"<</Type /Page /Parent 2 0 R /MediaBox {box} /Contents 4 0 R /Resources {resources} {page}>>",
            4: drawn,
            **(more or {}),
        }
    )


def encrypted(user: str, owner: str) -> bytes:
    """The page under passwords; an empty user password leaves permissions alone."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(one_page())))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="AES-256")
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def _deep_dictionary() -> bytes:
    return one_page(resources="<</Font " + "<</A " * 5000 + "1" + ">>" * 5000 + ">>")


def _loop_of_pages() -> bytes:
    return pdf(
        {
            1: "<</Type /Catalog /Pages 2 0 R>>",
            2: "<</Type /Pages /Kids [3 0 R] /Count 1>>",
            3: "<</Type /Pages /Kids [2 0 R] /Count 1>>",
        }
    )


def _content_that_unpacks_without_end() -> bytes:
    return one_page(content=stream(zlib.compress(b" " * 101_000_000, 9), "/Filter /FlateDecode"))


def _packed_twice(size: int) -> bytes:
    return stream(zlib.compress(zlib.compress(b" " * size, 9)), "/Filter [/FlateDecode /FlateDecode]")


def _forms_within_forms(levels: int, wide: int) -> bytes:
    """Each form draws the next one `wide` times: `wide` to the power of `levels` in all."""

    def form(number: int) -> bytes:
        last = number == levels - 1
        drawn = b"0 0 1 1 re f" if last else b"/X Do " * wide
        resources = "<<>>" if last else f"<</XObject <</X {6 + number} 0 R>>>>"
        return stream(drawn, f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources {resources}")

    return one_page(
        content=stream(b"/X Do"),
        resources="<</XObject <</X 5 0 R>>>>",
        more={5 + number: form(number) for number in range(levels)},
    )


EXPONENTIAL = _forms_within_forms(levels=12, wide=10)
"""Nothing for a reader that copies, and without end for one that draws."""

_PACKED = zlib.compress(b"BT /F1 12 Tf 72 700 Td (Words of the member) Tj ET" * 40)

UNREADABLE: Mapping[str, bytes] = {
    "empty": b"",
    "no PDF at all": b"%PDF-1.7\nnothing of it",
    "cut in half": one_page()[: len(one_page()) // 2],
    "no pages": pdf({1: "<</Type /Catalog /Pages 2 0 R>>", 2: "<</Type /Pages /Kids [] /Count 0>>"}),
    "pages that lead back to themselves": _loop_of_pages(),
    "no catalogue": pdf({1: "null"}),
    "a catalogue that is itself": pdf({1: "1 0 R"}),
    "content that is no stream": one_page(content=b"<</Type /Nothing>>"),
    "damaged content": one_page(
        content=stream(_PACKED[:20] + b"\xff\xff\xff\xff" + _PACKED[24:], "/Filter /FlateDecode")
    ),
    "a page of no size": one_page(box="[0 0 0 0]"),
    "a page beyond all measure": one_page(box="[0 0 1e9 792]"),
    "a turn that is no number": one_page(page="/Rotate /Left"),
    "resources nested beyond reason": _deep_dictionary(),
    "an object in two parts": one_page(
        resources="<</Font 5 0 R /XObject <</X 5 0 R>>>>",
        more={5: "<</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>"},
    ),
    "a packing within a packing without end": one_page(
        page="/Annots []", content=b"[5 0 R 5 0 R]", more={5: _packed_twice(101_000_000)}
    ),
}

TOO_MANY_PAGES = pdf(
    {
        1: "<</Type /Catalog /Pages 2 0 R>>",
        2: f"<</Type /Pages /Kids [{'3 0 R ' * 2001}] /Count 2001>>",
        3: "<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]>>",
    }
)

BEYOND: Mapping[str, tuple[Code, bytes]] = {
    "content kept in another file": (
        Code.DOCUMENT_EXTERNAL_CONTENT,
        one_page(content=stream(b"x", "/F (other.bin)")),
    ),
    "PostScript": (
        Code.DOCUMENT_ACTIVE_CONTENT,
        one_page(resources="<</XObject <</X 5 0 R>>>>", more={5: stream(b"showpage", "/Subtype /PS")}),
    ),
    "content that unpacks without end": (Code.DOCUMENT_TOO_LARGE, _content_that_unpacks_without_end()),
}

HIDDEN: Mapping[str, bytes] = {
    "a layer that is off": one_page(
        catalogue="/OCProperties <</OCGs [5 0 R] /D <</OFF [5 0 R]>>>>", more={5: "<</Type /OCG /Name (L)>>"}
    ),
    "all layers off": one_page(catalogue="/OCProperties <</OCGs [] /D <</BaseState /OFF>>>>"),
    "a form of XFA": one_page(catalogue="/AcroForm <</Fields [] /XFA (x)>>"),
    "a form that the viewer draws": one_page(catalogue="/AcroForm <</Fields [] /NeedAppearances true>>"),
    "a page that the viewer renders": one_page(catalogue="/NeedsRendering true"),
}

_SCRIPT = "<</S /JavaScript /JS (app.alert\\(1\\))>>"
ACTIVE = one_page(
    catalogue=f"/OpenAction {_SCRIPT} /AA <</WC {_SCRIPT}>> /Names <</JavaScript <</Names [(a) {_SCRIPT}]>> "
    "/EmbeddedFiles <</Names [(f) 5 0 R]>>>> /URI <</Base (http://example.invalid)>>",
    page=f"/AA <</O {_SCRIPT}>> /PieceInfo <</X <</Private 5 0 R>>>> /Metadata 6 0 R "
    "/Annots [<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /A <</S /Launch /F (cmd.exe)>>>> "
    "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /A <</S /URI /URI (http://example.invalid)>>>> "
    "<</Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 5 0 R>> "
    "<</Type /Annot /Subtype /Widget /FT /Btn /Rect [0 0 9 9] /A <</S /SubmitForm /F (http://example.invalid)>>>>]",
    resources="<</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>> /XObject <</X 8 0 R>> "
    "/Properties <</P1 <</JS 7 0 R>>>>>>",
    more={
        5: "<</Type /Filespec /F (f.exe) /EF <</F 7 0 R>>>>",
        6: stream(b"<x/>", "/Type /Metadata"),
        7: stream(b"MZ-embedded-program", "/Type /EmbeddedFile"),
        8: stream(
            b"0 0 1 1 re f",
            f"/Type /XObject /Subtype /Form /BBox [0 0 1 1]"
            f" /AA <</O {_SCRIPT}>> /PieceInfo <</Y 7 0 R>> /Ref <</F 5 0 R>>",
        ),
    },
)

SIGNED_LOOK = one_page(
    catalogue="/AcroForm <</Fields [5 0 R] /SigFlags 3>>",
    page="/Annots [5 0 R 7 0 R]",
    more={
        5: "<</Type /Annot /Subtype /Widget /FT /Sig /Rect [100 100 300 150] /F 4 /AP <</N 6 0 R>>>>",
        6: stream(
            b"BT /F1 10 Tf 5 5 Td (Signed by the member) Tj ET",
            f"/Type /XObject /Subtype /Form /BBox [0 0 200 50] /Resources {FONT}",
        ),
        7: "<</Type /Annot /Subtype /Stamp /Rect [100 200 300 250] /F 2 /AP <</N 8 0 R>>>>",
        8: stream(
            b"BT /F1 10 Tf 5 5 Td (A hidden stamp) Tj ET",
            f"/Type /XObject /Subtype /Form /BBox [0 0 200 50] /Resources {FONT}",
        ),
    },
)
"""A page with the visible look of a signature, and a stamp that is hidden."""

UNBALANCED = one_page(
    content=stream(b"Q Q 0.1 0 0 0.1 500 500 cm q q BT /F1 120 Tf 10 10 Td (Words of the member) Tj ET")
)
"""Content that closes states it did not open and leaves its own behind."""
