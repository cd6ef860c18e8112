"""A small paper, and a small image, to try the tasks on before anything of others comes."""

from io import BytesIO

from pikepdf import Dictionary, Encryption, Name, Pdf
from PIL import Image

from templates.foreign.writing import written


def sample() -> bytes:
    """One page with a line of text in a standard font."""
    return written(_paper())


def locked_sample() -> bytes:
    """The same under an owner's password."""
    target = BytesIO()
    _paper().save(target, encryption=Encryption(owner="sample", user=""))
    return target.getvalue()


def _paper() -> Pdf:
    file = Pdf.new()
    page = file.add_blank_page(page_size=(612, 792)).obj
    page.Contents = file.make_stream(b"BT /F1 12 Tf 72 700 Td (A sample.) Tj ET")
    face = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(F1=face))
    return file


def sample_image(kind: str) -> bytes:
    """A white page of that format."""
    target = BytesIO()
    page = Image.new("1", (64, 64), 1)
    page.save(target, kind, **({"compression": "group4"} if kind == "TIFF" else {}))
    return target.getvalue()
