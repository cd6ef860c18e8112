# mypy: allow-untyped-calls
"""Puts whole papers one behind the other, for print."""

from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfWriter

from templates.foreign.reader import open_reader


def bind(papers: Sequence[bytes], *, duplex: bool) -> tuple[bytes, int]:
    """The papers in one file, and its number of pages. For duplex print each begins on a front: a paper with an odd
    number of pages is followed by a blank one, but for the last.

    Structure, links and attachments stay behind: nobody reads this file but a printer. The same input gives the same
    bytes. Raises InputRefused: see `open_reader`; and what pypdf raises for hostile input.
    """
    writer = PdfWriter()
    for paper in papers:
        if duplex and len(writer.pages) % 2:
            writer.add_blank_page()
        for page in open_reader(paper, strict=False).pages:
            writer.add_page(page, excluded_keys=("/Annots", "/StructParents", "/B"))
    target = BytesIO()
    writer.write(target)
    return target.getvalue(), len(writer.pages)
