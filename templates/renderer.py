"""The papers of one participant: one PDF with letter, notice and reasons, then each signed document as it came.

What we typeset is laid out in one pass; pages of reasons that come as PDF are put onto pages of that same pass. Orders,
transcripts and other documents that the member signed travel byte for byte. Only Markdown is typeset.
"""

from collections.abc import Sequence

from gateway.domain.entry_note import EntryNote, neutral_reference, time_limit
from gateway.domain.package import DocumentKind
from gateway.domain.parties import Language, PreferredLanguage
from gateway.ports.papers import Papers, RenderedDocument, RenderedPapers, SourceDocument
from templates.catalogue import text
from templates.file_names import file_name
from templates.foreign_papers import ForeignPapers
from templates.joined import lay_out_and_join
from templates.letter import enclosure, enclosure_title, letter
from templates.mail import message, subject
from templates.matter import Matter
from templates.notice import notice
from templates.pdf.document import Description, Paper, Section, build
from templates.reasons import reasons, reasons_at_end
from templates.recourse import recourse_information, told_clocks
from templates.words import tag

PDF = "application/pdf"
MARKDOWN = "text/markdown"

_READING_ORDER = tuple(DocumentKind)


class PaperRenderer:
    """Implements `gateway.ports.papers.Renderer`."""

    def __init__(self, foreign: ForeignPapers) -> None:
        self._foreign = foreign

    def render(self, papers: Papers) -> RenderedPapers:
        """The papers in the participant's language; the same input gives the same bytes.

        The first document is ours. Its kind is `reasons` when it holds them, else `notice` when it holds that, else
        `other`: a letter alone. Raises InputRefused: document.*, and decision.contradiction when the participant
        stands for nobody.
        """
        matter = Matter(papers)
        ours = [source for source in papers.documents if source.document.kind is DocumentKind.REASONS]
        own_files = _in_reading_order([source for source in papers.documents if source not in ours])
        taken: set[str] = set()
        documents = [
            _main(matter, ours, own_files, taken, self._foreign),
            *(_own_file(matter, one, taken, self._foreign) for one in own_files),
        ]
        return RenderedPapers(
            message=message(matter, [document.name for document in documents]),
            documents=tuple(documents),
            note=EntryNote(
                reference=neutral_reference(papers.addressee.reference, matter.package),
                limits=tuple(dict.fromkeys(map(time_limit, told_clocks(matter)))),
            ),
        )


def _in_reading_order(sources: Sequence[SourceDocument]) -> list[SourceDocument]:
    return sorted(sources, key=lambda source: _READING_ORDER.index(source.document.kind))


def _main(
    matter: Matter,
    ours: Sequence[SourceDocument],
    own_files: Sequence[SourceDocument],
    taken: set[str],
    foreign: ForeignPapers,
) -> RenderedDocument:
    enclosed = _in_reading_order([*ours, *own_files])
    sections = [letter(matter, language, _enclosures(matter, enclosed, language)) for language in matter.languages]
    kind, what, language = DocumentKind.OTHER, "letter", matter.papers.language
    if matter.brings_notice:
        sections += [notice(matter, language) for language in matter.languages]
        if matter.brings_recourse_information:
            sections += [recourse_information(matter, language) for language in matter.languages]
        kind, what = DocumentKind.NOTICE, "decision"
    if ours:
        kind, what = DocumentKind.REASONS, "decision"
        language = _language_of([source.document.language for source in ours])
    paper = _with_reasons(matter, sections, ours, foreign)
    return RenderedDocument(
        kind=kind,
        name=file_name(matter, what, taken),
        media_type=PDF,
        content=paper.content,
        pages=paper.pages,
        language=language,
    )


def _language_of(languages: Sequence[Language]) -> PreferredLanguage:
    return PreferredLanguage(languages[0]) if len(set(languages)) == 1 else PreferredLanguage.BOTH


def _enclosures(matter: Matter, sources: Sequence[SourceDocument], language: Language) -> list[str]:
    titles = [enclosure(source.document, language) for source in sources]
    if matter.brings_notice:
        ours = [DocumentKind.NOTICE]
        if matter.brings_recourse_information:
            ours.append(DocumentKind.APPEAL_INFORMATION)
        titles[:0] = [enclosure_title(kind, language, "full", language) for kind in ours]
    return titles


def _with_reasons(
    matter: Matter, sections: list[Section], ours: Sequence[SourceDocument], foreign: ForeignPapers
) -> Paper:
    if any(source.document.media_type == PDF for source in ours):
        return lay_out_and_join(matter, sections, ours, _description(matter), foreign)
    return build(sections, _description(matter), inlaid=reasons_at_end(matter, ours) if ours else None)


def _own_file(matter: Matter, source: SourceDocument, taken: set[str], foreign: ForeignPapers) -> RenderedDocument:
    document = source.document
    if document.media_type == MARKDOWN:
        paper = build([reasons(matter, source)], _description(matter))
        content, pages = paper.content, paper.pages
    else:
        content, pages = source.content, foreign.page_count(source.content, document.path)
    name = file_name(matter, document.kind.value, taken)
    language = PreferredLanguage(document.language)
    return RenderedDocument(
        kind=document.kind, name=name, media_type=PDF, content=content, pages=pages, language=language
    )


def _description(matter: Matter) -> Description:
    language = matter.languages[0]
    return Description(
        title=subject(matter, language),
        author=text("papers", "board", language),
        language=tag(language),
        date=matter.papers.provided_on,
    )
