# mypy: allow-untyped-calls
"""The canvas of the papers: furniture is drawn when all pages are known, bytes depend on the input alone."""

import datetime as dt
from typing import Any

from reportlab.lib.utils import TimeStamp
from reportlab.pdfbase.pdfdoc import PDFPage, PDFStream, PDFZCompress
from reportlab.pdfgen.canvas import Canvas

from templates.pdf.furniture import Furniture, draw


class PaperCanvas(Canvas):
    """Draws 'page x of y' at save time, into pages that are laid out once."""

    def __init__(self, *args: Any, **properties: Any) -> None:
        super().__init__(*args, **properties)
        self._finished: list[tuple[PDFPage, Furniture, bool]] = []
        self._furniture: Furniture | None = None
        self._first = True
        self.section_starts: list[int] = []
        """The index of the first page of each section begun so far."""

    def begin_section(self, furniture: Furniture) -> None:
        """The pages from here on carry this furniture."""
        self._furniture = furniture
        self._first = True
        self.section_starts.append(len(self._finished))

    def date_file(self, date: dt.date) -> None:
        """Dates the file: midnight UTC of that day, never the clock."""
        moment = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)
        stamp = TimeStamp(invariant=1)
        fields = moment.utctimetuple()
        vars(stamp).update(t=moment.timestamp(), lt=fields, YMDhms=tuple(fields)[:6])
        self._doc._timeStamp = stamp

    def showPage(self) -> None:  # noqa: N802
        """Ends the page; its furniture follows at save time."""
        super().showPage()
        if self._furniture is None:
            raise RuntimeError("a page without a section")
        self._finished.append((self._doc.Pages.pages[-1], self._furniture, self._first))
        self._first = False

    def save(self) -> None:
        """Draws the furniture of all pages and writes the file."""
        total = len(self._finished)
        for number, (page, furniture, first) in enumerate(self._finished, start=1):
            self._code: list[str] = []
            size = (float(page.pagewidth), float(page.pageheight))
            draw(self, furniture, size, number, total, first=first)
            self._close(page, str(page.stream) + "\n".join(self._code) + "\n")
        self._code = []
        super().save()

    def _close(self, page: PDFPage, code: str) -> None:
        """Sets the content here rather than later, for then reportlab would write it as ASCII85."""
        stream = PDFStream(content=code, filters=[PDFZCompress])
        page.Contents = stream
        self._doc.signature.update(code.encode())
