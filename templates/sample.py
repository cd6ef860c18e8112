# mypy: allow-untyped-calls
"""The sample that shows whether a recipient's program opens what will be sent: a message with one page, no decision."""

import datetime as dt

from gateway.domain.parties import Language, PreferredLanguage
from gateway.ports.papers import MessageText, RenderedDocument, RenderedPapers
from templates.catalogue import text
from templates.pdf import styles
from templates.pdf.document import Description, Section, build
from templates.pdf.furniture import Furniture
from templates.pdf.text import Typesetter
from templates.words import tag

_BETWEEN_LANGUAGES = "\n\n* * *\n\n"
_LANGUAGES = {
    PreferredLanguage.EN: (Language.EN,),
    PreferredLanguage.FR: (Language.FR,),
    PreferredLanguage.BOTH: (Language.EN, Language.FR),
}


def sample(language: PreferredLanguage, on: dt.date) -> RenderedPapers:
    """The sample in the recipient's language; the same for everybody."""
    languages = _LANGUAGES[language]
    subject = " / ".join(text("mail", "sample.subject", one) for one in languages)
    words = _BETWEEN_LANGUAGES.join(text("mail", "sample.text", one) for one in languages)
    paper = build(
        [_page(one) for one in languages],
        Description(title=subject, author=text("papers", "board", languages[0]), language=tag(languages[0]), date=on),
    )
    name = text("mail", "sample.file", languages[0])
    page = RenderedDocument(
        kind=None, name=name, media_type="application/pdf", content=paper.content, pages=paper.pages
    )
    return RenderedPapers(message=MessageText(subject=subject, text=f"{words}\n"), documents=(page,))


def _page(language: Language) -> Section:
    set_text = Typesetter("sample")
    flowables = [
        set_text.paragraph(text("mail", "sample.subject", language), styles.TITLE),
        set_text.paragraph(text("mail", "sample.page", language), styles.BODY),
    ]
    furniture = Furniture(head="", files="", number=lambda page, pages: f"{page}/{pages}", bare=True)
    return Section(flowables=flowables, furniture=furniture, language=tag(language))
