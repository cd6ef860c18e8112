"""Reasons that come as PDF, joined behind our letter and notice.

The whole says of itself that it is accessible and archival only where everything that came says so too.

A page of ours stands in for each of theirs, of the same size and with file number and page number in its margin; the
confined process puts theirs onto it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.ports.papers import SourceDocument
from templates.foreign_papers import ForeignPapers
from templates.matter import Matter
from templates.pdf.document import Description, Paper, Section, build, stand_in
from templates.reasons import reasons
from templates.words import tag


@dataclass(frozen=True, kw_only=True)
class _Arrival:
    """A foreign document, the number of its first section among the stand-ins, and how many they are."""

    source: SourceDocument
    first_section: int
    pages: int
    conforms: bool


def lay_out_and_join(
    matter: Matter,
    before: Sequence[Section],
    documents: Sequence[SourceDocument],
    description: Description,
    foreign: ForeignPapers,
) -> Paper:
    """The sections, then the documents in order: Markdown typeset, PDF pages joined. Same input, same bytes.

    Raises InputRefused with the document's path: see `ForeignPapers` and `reasons`.
    """
    sections, arrivals = list(before), []
    for source in documents:
        document = source.document
        if document.media_type == "text/markdown":
            sections.append(reasons(matter, source))
            continue
        measure = foreign.measure(source.content, document.path)
        arrivals.append(
            _Arrival(source=source, first_section=len(sections), pages=len(measure.sizes), conforms=measure.conforms)
        )
        furniture = matter.furniture(document.language, strip=True)
        sections += [stand_in(size, furniture) for size in measure.sizes]
    paper = build(sections, replace(description, conforming=all(one.conforms for one in arrivals)))
    content = paper.content
    for arrival in arrivals:
        places = paper.section_starts[arrival.first_section : arrival.first_section + arrival.pages]
        document = arrival.source.document
        content = foreign.join(content, arrival.source.content, places, tag(document.language), document.path)
    return replace(paper, content=content)
