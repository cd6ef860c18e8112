# mypy: allow-untyped-calls
"""The text of a PDF, as PDFium reads it, page by page."""

from collections.abc import Iterator

import pypdfium2

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.foreign.reader import MOST_BYTES, MOST_PAGES

_PASSWORD = 4
"""FPDF_ERR_PASSWORD of PDFium's fpdfview.h."""


def open_for_pdfium(content: bytes) -> pypdfium2.PdfDocument:
    """The file. Raises InputRefused: document.encrypted, document.too-large, document.unreadable."""
    if len(content) > MOST_BYTES:
        raise InputRefused(Code.DOCUMENT_TOO_LARGE, bytes=len(content))
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == _PASSWORD
        raise InputRefused(Code.DOCUMENT_ENCRYPTED if locked else Code.DOCUMENT_UNREADABLE) from error
    if len(document) > MOST_PAGES:
        raise InputRefused(Code.DOCUMENT_TOO_LARGE, pages=len(document))
    return document


def is_blank(document: pypdfium2.PdfDocument) -> bool:
    """Whether nothing at all is drawn on any page: what was to be seen there cannot be read."""
    return all(pypdfium2.raw.FPDFPage_CountObjects(page) <= 0 for page in document)


def page_texts(document: pypdfium2.PdfDocument) -> Iterator[str]:
    """The text of each page in turn, read only when it is asked for."""
    for page in document:
        text = page.get_textpage()
        try:
            yield text.get_text_range()
        finally:
            text.close()
            page.close()
