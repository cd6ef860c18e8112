# mypy: allow-untyped-calls
"""A paper as a file: sections one after the other, laid out in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.platypus.doctemplate import BaseDocTemplate, LayoutError, NextPageTemplate, PageTemplate
from reportlab.platypus.flowables import Flowable, PageBreak
from reportlab.platypus.frames import Frame

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.pdf import styles
from templates.pdf.canvas import PaperCanvas
from templates.pdf.flowables import StandIn, elements_of
from templates.pdf.furniture import Furniture
from templates.pdf.metadata import Description
from templates.pdf.structure import Element
from templates.pdf.writing import Attachment, write_paper

__all__ = ["Attachment", "Description", "Paper", "Section", "build", "stand_in"]


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


def build(sections: Sequence[Section], description: Description, attachments: Sequence[Attachment] = ()) -> Paper:
    """Lays the sections out. The same input gives the same bytes.

    Raises InputRefused (document.unreadable) when something is too large for any page.
    """
    template = BaseDocTemplate(
        BytesIO(),
        pagesize=styles.PAGE_SIZE,
        pageTemplates=[_SectionTemplate(str(number), section) for number, section in enumerate(sections)],
    )
    try:
        template.build(_story(sections), canvasmaker=PaperCanvas)
    except LayoutError as error:
        raise InputRefused(Code.DOCUMENT_UNREADABLE) from error
    canvas: PaperCanvas = template.canv
    content = write_paper(canvas.drawn, _structure(sections, description), description, attachments)
    return Paper(content=content, pages=len(canvas.drawn.pages), section_starts=tuple(canvas.section_starts))


def _structure(sections: Sequence[Section], description: Description) -> Element:
    """One element a section, filled with the outermost elements of its flowables."""
    document = Element("Document")
    for section in sections:
        language = section.language if section.language != description.language else None
        part = document.new("Sect", language=language)
        for top in dict.fromkeys(element.top for element in elements_of(section.flowables)):
            part.adopt(top)
    return document


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
