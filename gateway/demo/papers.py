"""PDFs as a member's office makes them: set by the templates' own layer, then treated like any PDF that comes."""

from gateway.domain.audience import SEES_ALL_PERSONS
from gateway.domain.package import DecisionPackage, Document
from gateway.domain.parties import PreferredLanguage
from gateway.ports.papers import Addressee, Papers, SourceDocument
from templates.matter import Matter
from templates.pdf.document import Description, build
from templates.reasons import reasons
from templates.words import division_name, word


def typeset(decision: DecisionPackage, document: Document, text: bytes) -> bytes:
    """The Markdown text as a PDF."""
    source = SourceDocument(document=document, content=text)
    language, signed = document.language, decision.decision.signed_at.date()
    papers = Papers(
        package=decision,
        participant=next(one for one in decision.participants if SEES_ALL_PERSONS & set(one.roles)),
        addressee=Addressee(name=None),
        language=PreferredLanguage(language.value),
        documents=(source,),
        provided_on=signed,
        notice=False,
        recourse_information=False,
    )
    matter = Matter(papers)
    description = Description(
        title=f"{word('document', document.kind.value, language)}, {matter.file_list}",
        author=division_name(decision.division, language),
        language=language.value,
        date=signed,
    )
    return build([reasons(matter, source)], description).content
