# mypy: allow-untyped-calls
"""A paper as a file: sections one after the other, laid out in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO

from reportlab.platypus.doctemplate import BaseDocTemplate, LayoutError, NextPageTemplate, PageTemplate
from reportlab.platypus.flowables import Flowable, PageBreak
from reportlab.platypus.frames import Frame

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.pdf import styles
from templates.pdf.canvas import PaperCanvas
from templates.pdf.embedding import FontUse
from templates.pdf.flowables import StandIn, elements_of
from templates.pdf.furniture import Furniture
from templates.pdf.metadata import Description
from templates.pdf.parts import Structured
from templates.pdf.writing import Attachment, Inlay, write_inlay, write_paper

__all__ = ["Attachment", "Description", "Inlaid", "Inlay", "Paper", "Section", "build", "lay_in", "stand_in"]


@dataclass(frozen=True, kw_only=True)
class Section:
    """What begins on a new page: flowables and the furniture of their pages. `size` is in points.

    `language` is a BCP 47 tag where it is not that of the whole paper.
    """

    flowables: Sequence[Flowable]
    furniture: Furniture
    size: tuple[float, float] = styles.PAGE_SIZE
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A finished file, its number of pages, and the index of each section's first page."""

    content: bytes
    pages: int
    section_starts: tuple[int, ...]


def stand_in(size: tuple[float, float], furniture: Furniture) -> Section:
    """A page of that size, empty but for its furniture, onto which a page that came as PDF is put."""
    return Section(flowables=(StandIn(),), furniture=furniture, size=size)


@dataclass(frozen=True, kw_only=True)
class Inlaid:
    """Pages that the paper ends with, and the furniture of each of their sections."""

    inlay: Inlay
    furniture: Sequence[Furniture]


def build(
    sections: Sequence[Section],
    description: Description,
    attachments: Sequence[Attachment] = (),
    inlaid: Inlaid | None = None,
) -> Paper:
    """Lays the sections out. The same input gives the same bytes.

    Raises InputRefused (document.unreadable) when something is too large for any page.
    """
    inlay = inlaid.inlay if inlaid else None
    canvas = _drawn(sections, inlay.fonts.copy() if inlay else FontUse())
    content = write_paper(
        canvas,
        _structured(sections),
        [*(one.furniture for one in sections), *(inlaid.furniture if inlaid else ())],
        description,
        attachments=attachments,
        inlay=inlay,
    )
    pages = len(canvas.drawn.pages) + (len(inlay.part.pages) if inlay else 0)
    return Paper(content=content, pages=pages, section_starts=tuple(canvas.section_starts))


def lay_in(sections: Sequence[Section]) -> Inlay:
    """Lays sections out that several papers end with. Their furniture is given with each paper.

    Raises InputRefused (document.unreadable) when something is too large for any page.
    """
    return write_inlay(_drawn(sections, FontUse()).drawn, _structured(sections))


def _drawn(sections: Sequence[Section], fonts: FontUse) -> PaperCanvas:
    template = BaseDocTemplate(
        BytesIO(),
        pagesize=styles.PAGE_SIZE,
        pageTemplates=[_SectionTemplate(str(number), section) for number, section in enumerate(sections)],
    )
    try:
        template.build(_story(sections), canvasmaker=partial(PaperCanvas, fonts=fonts))
    except LayoutError as error:
        raise InputRefused(Code.DOCUMENT_UNREADABLE) from error
    canvas: PaperCanvas = template.canv
    return canvas


def _structured(sections: Sequence[Section]) -> list[Structured]:
    """The outermost elements of the sections' flowables, once these are drawn."""
    return [
        Structured(
            tops=list(dict.fromkeys(element.top for element in elements_of(section.flowables))),
            language=section.language,
        )
        for section in sections
    ]


class _SectionTemplate(PageTemplate):
    def __init__(self, name: str, section: Section) -> None:
        width, height = section.size
        across, down, up = styles.SIDE_MARGIN, styles.TOP_MARGIN, styles.BOTTOM_MARGIN
        if section.furniture.strip:
            across = down = up = 0.0
        elif section.furniture.bare:
            across = down = up = styles.BARE_MARGIN
        frame = Frame(
            across,
            up,
            width - 2 * across,
            height - down - up,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        super().__init__(id=name, frames=[frame], pagesize=section.size)
        self._begun = False

    def beforeDrawPage(self, canv: PaperCanvas, _doc: BaseDocTemplate) -> None:  # noqa: N802
        if not self._begun:
            self._begun = True
            canv.begin_section()


def _story(sections: Sequence[Section]) -> list[Flowable]:
    story: list[Flowable] = []
    for number, section in enumerate(sections):
        if number:
            story += [NextPageTemplate(number), PageBreak()]
        story += section.flowables
    return story
