# mypy: allow-untyped-calls
"""A small paper, and a small image, to try the tasks on before anything of others comes."""

from io import BytesIO

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject


def sample() -> bytes:
    """One page with a line of text in a standard font."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=612, height=792)
    content = StreamObject()
    content._data = b"BT /F1 12 Tf 72 700 Td (A sample.) Tj ET"
    page[NameObject("/Contents")] = writer._add_object(content)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    face = DictionaryObject({NameObject(name): NameObject(value) for name, value in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): face})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def sample_image(kind: str) -> bytes:
    """A white page of that format."""
    target = BytesIO()
    page = Image.new("1", (64, 64), 1)
    page.save(target, kind, **({"compression": "group4"} if kind == "TIFF" else {}))
    return target.getvalue()
