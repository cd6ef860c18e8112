"""The message the papers travel in: read only after decryption, and still without names or decision content."""

from collections.abc import Sequence

from gateway.domain.parties import Language
from gateway.ports.papers import MessageText
from templates.catalogue import text
from templates.matter import Matter
from templates.words import division_code, division_name

_BETWEEN_LANGUAGES = "\n\n* * *\n\n"


def message(matter: Matter, names: Sequence[str]) -> MessageText:
    """Subject and text in the participant's language; `both` has one after the other. `names` are the files."""
    return MessageText(
        subject=" / ".join(subject(matter, language) for language in matter.languages),
        text=_BETWEEN_LANGUAGES.join(_text(matter, names, language) for language in matter.languages) + "\n",
    )


def subject(matter: Matter, language: Language) -> str:
    """'TC6-12345 – RPD – Decision', the Board's own pattern for subjects."""
    return text(
        "mail",
        "subject.line",
        language,
        files=matter.file_list,
        division=division_code(matter.package.division, language),
        what=text("mail", f"subject.{matter.stage}", language),
    )


def _text(matter: Matter, names: Sequence[str], language: Language) -> str:
    references = [text("mail", "text.files", language, files=matter.file_list, count=len(matter.files))]
    reference = matter.papers.addressee.reference
    if reference:
        references.append(text("mail", "text.reference", language, reference=reference))
    attached = [text("mail", "text.attached", language, count=len(names)), *(f"  {name}" for name in names)]
    paragraphs = [
        text("mail", "text.opening", language, division=division_name(matter.package.division, language)),
        "\n".join(references),
        "\n".join(attached),
        text("mail", "text.start", language, name=names[0]),
        text("mail", "text.mistake", language),
    ]
    return "\n\n".join(paragraphs)
