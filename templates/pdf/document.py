# mypy: allow-untyped-calls
"""A paper as a file: sections one after the other, laid out in one pass."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.platypus.doctemplate import BaseDocTemplate, LayoutError, NextPageTemplate, PageTemplate
from reportlab.platypus.flowables import Flowable, PageBreak
from reportlab.platypus.frames import Frame

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.pdf import fonts, styles
from templates.pdf.canvas import PaperCanvas
from templates.pdf.flowables import StandIn
from templates.pdf.furniture import Furniture


@dataclass(frozen=True, kw_only=True)
class Section:
    """What begins on a new page: flowables and the furniture of their pages. `size` is in points."""

    flowables: Sequence[Flowable]
    furniture: Furniture
    size: tuple[float, float] = styles.PAGE_SIZE


@dataclass(frozen=True, kw_only=True)
class Description:
    """What the file says of itself. `title` may show in a window's title: file numbers, never names."""

    title: str
    author: str
    language: str
    date: dt.date


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A finished file, its number of pages, and the index of each section's first page."""

    content: bytes
    pages: int
    section_starts: tuple[int, ...]


def stand_in(size: tuple[float, float], furniture: Furniture) -> Section:
    """A page of that size, empty but for its furniture, onto which a page that came as PDF is put."""
    return Section(flowables=(StandIn(),), furniture=furniture, size=size)


def build(sections: Sequence[Section], description: Description) -> Paper:
    """Lays the sections out. The same input gives the same bytes.

    Raises InputRefused (document.unreadable) when something is too large for any page.
    """
    fonts.register()
    target = BytesIO()
    template = _Template(target, sections, description)
    try:
        template.build(_story(sections), canvasmaker=PaperCanvas)
    except LayoutError as error:
        raise InputRefused(Code.DOCUMENT_UNREADABLE) from error
    return Paper(content=target.getvalue(), pages=template.page, section_starts=tuple(template.canv.section_starts))


class _Template(BaseDocTemplate):
    def __init__(self, target: BytesIO, sections: Sequence[Section], description: Description) -> None:
        super().__init__(
            target,
            pagesize=styles.PAGE_SIZE,
            pageTemplates=[_page_template(number, section) for number, section in enumerate(sections)],
            title=description.title,
            author=description.author,
            creator=description.author,
            producer="decision-gateway",
            subject=description.title,
            lang=description.language,
            invariant=1,
            pageCompression=1,
            displayDocTitle=1,
            initialFontName=fonts.REGULAR,
        )
        self._date = description.date

    def beforeDocument(self) -> None:  # noqa: N802
        self.canv.date_file(self._date)


def _page_template(number: int, section: Section) -> PageTemplate:
    width, height = section.size
    if section.furniture.strip:
        frame = Frame(0, 0, width, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    else:
        frame = Frame(
            styles.SIDE_MARGIN,
            styles.BOTTOM_MARGIN,
            width - 2 * styles.SIDE_MARGIN,
            height - styles.TOP_MARGIN - styles.BOTTOM_MARGIN,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
    return _SectionTemplate(str(number), frame, section)


class _SectionTemplate(PageTemplate):
    def __init__(self, name: str, frame: Frame, section: Section) -> None:
        super().__init__(id=name, frames=[frame], pagesize=section.size)
        self._furniture = section.furniture
        self._begun = False

    def beforeDrawPage(self, canv: PaperCanvas, _doc: BaseDocTemplate) -> None:  # noqa: N802
        if not self._begun:
            self._begun = True
            canv.begin_section(self._furniture)


def _story(sections: Sequence[Section]) -> list[Flowable]:
    story: list[Flowable] = []
    for number, section in enumerate(sections):
        if number:
            story += [NextPageTemplate(number), PageBreak()]
        story += section.flowables
    return story
