"""Puts whole papers one behind the other, for print."""

from collections.abc import Sequence

from pikepdf import Pdf

from templates.foreign.reader import open_reader
from templates.foreign.writing import written

_LEFT_BEHIND = ("/Annots", "/StructParents", "/B")


def bind(papers: Sequence[bytes], *, duplex: bool) -> tuple[bytes, int]:
    """The papers in one file, and its number of pages. For duplex print each begins on a front: a paper with an odd
    number of pages is followed by a blank one, but for the last.

    Structure, links and attachments stay behind: nobody reads this file but a printer. The same input gives the same
    bytes. Raises InputRefused: see `open_reader`; and what qpdf raises for hostile input.
    """
    bound = Pdf.new()
    for paper in papers:
        if duplex and len(bound.pages) % 2:
            bound.add_blank_page(page_size=_size_of_last(bound))
        file = open_reader(paper)
        for page in file.pages:
            for name in _LEFT_BEHIND:
                if name in page.obj:
                    del page.obj[name]
        bound.pages.extend(file.pages)
    return written(bound), len(bound.pages)


def _size_of_last(bound: Pdf) -> tuple[float, float]:
    left, bottom, right, top = (float(side) for side in bound.pages[-1].mediabox)
    return right - left, top - bottom
