"""Whether a paper is of its matter: which file numbers and client identifiers its text names.

The wrong paper in the right package is how one person's decision reaches another. What is read here is compared and
forgotten: a finding says which kind it is, never what stood there.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.package import DecisionPackage, Document, DocumentKind


class Naming(StrEnum):
    """What the text of a paper says of its matter."""

    OURS = "ours"
    """It names one of the file numbers it should, and nobody else's on its first page."""
    ANOTHER = "another"
    """Its first page names a file number or client identifier that is not of this package."""
    NOBODY = "nobody"
    """It has text, and none of the file numbers it should name is in it."""
    NO_TEXT = "no-text"
    """It has no text: a scan."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a paper may and should name. Numbers are as the package writes them."""

    own_files: tuple[str, ...]
    """The files it is about: one of them must stand in it."""
    all_files: tuple[str, ...]
    """The files of the package: none of them is another's."""
    ucis: tuple[str, ...] | None
    """The client identifiers of all persons of the package; None where one is not known, so that none can be told to
    be another's."""


GENERIC_KINDS = frozenset({DocumentKind.APPEAL_INFORMATION})
"""Leaflets, the same for every file: they name none. Another's they may not name either."""


def identity_of(package: DecisionPackage, document: Document) -> Identity:
    """What a document of the package may and should name: of one about some of the persons, the files of these."""
    persons = set(document.persons) or {person.id for person in package.persons}
    ucis = tuple(person.uci for person in package.persons if person.uci is not None)
    return Identity(
        own_files=tuple(file.number for file in package.files if persons & set(file.persons)),
        all_files=tuple(file.number for file in package.files),
        ucis=ucis if len(ucis) == len(package.persons) else None,
    )


_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\x02\ufffe"))
"""Soft hyphens and joiners; U+0002 and U+FFFE are how PDFium reads a hyphen at a line's end."""

_GAP = r"[\s-]{0,3}"
"""Between the parts of a number: nothing, a hyphen, spaces, the end of a line."""
_KNOWN_FILES = (
    re.compile(rf"(?<![A-Z0-9-])([TMV][A-C][0-9]){_GAP}([0-9]{{5}})(?![0-9])"),
    re.compile(r"(?<![0-9-])([0-9]{4})-([A-C][0-9])-([0-9]{5})(?:-([0-9]{2}))?(?![0-9])"),
)
"""`TC6-12345` and `TB6 17977` (RPD, RAD, IAD); `0003-C6-01234-01` (ID). Region, decade and digit of the year."""
_KNOWN_UCIS = (
    re.compile(r"(?<![\w-])[0-9]{2}[ -][0-9]{4}[ -][0-9]{4}(?![\w-])"),
    re.compile(r"(?<![\w-])(?!(?:19|20)[0-9]{2}[ -](?:19|20)[0-9]{2})[0-9]{4}-[0-9]{4}(?![\w-])"),
    re.compile(
        r"(?:UCI|IUC|CLIENT ID|ID CLIENT|IDENTIFICATEUR UNIQUE)\b[^0-9\n]{0,30}"
        r"((?:[0-9]{2})?[0-9]{4}[ -]?[0-9]{4})(?![\w-])"
    ),
)
"""Ten digits in groups; eight in groups that are no span of years; either as one figure after its label."""


def naming_of(pages: Iterable[str], identity: Identity) -> Naming:
    """The finding for a paper whose pages have these texts. Pages are asked for only as far as they are needed."""
    any_text = named = False
    for number, page in enumerate(pages):
        text = _plain(page)
        any_text = any_text or any(character.isalnum() for character in text)
        if number == 0 and _names_another(text, identity):
            return Naming.ANOTHER
        named = named or _names_own(text, identity)
        if named:
            return Naming.OURS
    return Naming.NOBODY if any_text else Naming.NO_TEXT


def _plain(text: str) -> str:
    """One spelling: compatibility forms resolved (full-width digits, no-break spaces), one hyphen, capitals."""
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).translate(_HYPHENS).upper()


def _key(number: str) -> str:
    """A number without what people put between its parts."""
    return re.sub(r"[^A-Z0-9]", "", _plain(number))


def _names_own(text: str, identity: Identity) -> bool:
    return any(_spelled(number).search(text) for number in identity.own_files)


def _spelled(number: str) -> re.Pattern[str]:
    """Every way the number may be written: with what separates its parts, or something else, or nothing.

    The ID's last group counts the sittings of one file, and may be left out.
    """
    parts = re.findall(r"[A-Z]+[0-9]|[A-Z]+|[0-9]+", _plain(number))
    if _KNOWN_FILES[1].fullmatch(_plain(number)):
        parts = parts[:3]
    return re.compile(rf"(?<![A-Z0-9]){_GAP.join(map(re.escape, parts))}(?![A-Z0-9])")


def _names_another(text: str, identity: Identity) -> bool:
    ours = {_key(number) for number in identity.all_files}
    files = ("".join(part or "" for part in found.groups()) for shape in _KNOWN_FILES for found in shape.finditer(text))
    if any(not any(_same_file(number, one) for one in ours) for number in files):
        return True
    if identity.ucis is None:
        return False
    known = {_uci(one) for one in identity.ucis}
    return any(
        _uci(found.group(found.lastindex or 0)) not in known for shape in _KNOWN_UCIS for found in shape.finditer(text)
    )


def _same_file(found: str, own: str) -> bool:
    """With or without the ID's last group."""
    return found == own or (len(found) in {11, 13} and found[:11] == own[:11])


def _uci(text: str) -> str:
    """Ten digits: an identifier of eight is one whose first two are zero."""
    return re.sub(r"[^0-9]", "", text).zfill(10)
