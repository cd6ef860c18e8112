"""The names of the files a participant is given: file number, division, kind and date; never a person's name."""

import re

from gateway.domain.parties import Language
from templates.matter import Matter
from templates.words import division_code, word

_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")


def file_name(matter: Matter, what: str, taken: set[str]) -> str:
    """'TC6-12345_RPD_Decision_2026-11-20.pdf', the date the decision was signed, at the offset it was signed with.

    `what` is a key of `file-name` in the catalogue; a name that is taken gets a number, and the name is added to
    `taken`.
    """
    language: Language = matter.languages[0]
    number = _UNSAFE.sub("-", matter.files[0]).strip("-")
    date = matter.package.decision.signed_at.date().isoformat()
    division = division_code(matter.package.division, language)
    stem = f"{number}_{division}_{word('file-name', what, language)}_{date}"
    name, copy = f"{stem}.pdf", 1
    while name in taken:
        copy += 1
        name = f"{stem}_{copy}.pdf"
    taken.add(name)
    return name
