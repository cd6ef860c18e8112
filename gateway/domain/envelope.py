"""What stands on the outside of an envelope, and what the post refuses to read there.

Source: Canada Post, Addressing Guidelines: fewer than 40 characters a line, no number sign, a postal code of six signs
in which D, F, I, O, Q and U never stand and which begins with neither W nor Z.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.parties import PostalAddress

HOME = "CA"
MOST_CHARACTERS = 39
"""In a line."""
MOST_NAME_LINES = 5
"""Above an address of three lines and its place they still stand within a window."""
_POSTAL_CODE = re.compile(r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] ?[0-9][ABCEGHJ-NPRSTV-Z][0-9]")
PROVINCES = frozenset({"AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"})
_BEFORE_POSTAL_CODE = 2  # spaces


class AddressFault(StrEnum):
    """What is wrong with an envelope."""

    NOBODY = "nobody-named"
    NAME_TOO_LONG = "name-too-long"
    LINE_TOO_LONG = "line-too-long"
    NUMBER_SIGN = "number-sign"
    PROVINCE = "province"
    POSTAL_CODE = "postal-code"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Every field may tell of a person."""

    address: PostalAddress
    name: str | None = None
    organization: str | None = None
    attention: str | None = None

    @property
    def to(self) -> tuple[str, ...]:
        """Whom it goes to, no line twice. A name longer than the post reads on a line goes on on the next: the names of
        a family together mostly do."""
        named = dict.fromkeys(part for part in (self.name, self.organization, self.attention) if part)
        return tuple(line for one in named for line in name_lines(one))


@dataclass(frozen=True)
class PostalFault:
    """What is wrong with an address, and the field of it that should be put right: `province`, `lines[1]`."""

    fault: AddressFault
    field: str


def address_fault(envelope: Envelope) -> AddressFault | None:
    """Why the post would not carry it, or not to where it should go; None: nothing found."""
    if not envelope.to:
        return AddressFault.NOBODY
    if not name_fits(envelope.to):
        return AddressFault.NAME_TOO_LONG
    return next((one.fault for one in postal_faults(envelope.address)), None)


def name_lines(name: str) -> Sequence[str]:
    """The name as it stands on an envelope, broken between words alone."""
    return textwrap.wrap(name, MOST_CHARACTERS, break_long_words=False, break_on_hyphens=False)


def name_fits(lines: Sequence[str]) -> bool:
    """Whether the post reads these lines of names whole."""
    return len(lines) <= MOST_NAME_LINES and all(len(line) <= MOST_CHARACTERS for line in lines)


def postal_faults(address: PostalAddress) -> Iterator[PostalFault]:
    """Why the post would not carry anything there."""
    for index, line in enumerate(address.lines):
        if "#" in line:
            yield PostalFault(AddressFault.NUMBER_SIGN, f"lines[{index}]")
        if len(line) > MOST_CHARACTERS:
            yield PostalFault(AddressFault.LINE_TOO_LONG, f"lines[{index}]")
    if address.country == HOME:
        if (address.province or "").upper() not in PROVINCES:
            yield PostalFault(AddressFault.PROVINCE, "province")
        if not _POSTAL_CODE.fullmatch((address.postal_code or "").upper()):
            yield PostalFault(AddressFault.POSTAL_CODE, "postal_code")
    if len(_place(address)) > MOST_CHARACTERS:
        yield PostalFault(AddressFault.LINE_TOO_LONG, "municipality")


def postal_code_of(address: PostalAddress) -> str | None:
    """The postal code as it is written: a Canadian one has a space, whoever left it out."""
    code = address.postal_code
    if code and address.country == HOME and _POSTAL_CODE.fullmatch(code.upper()):
        return f"{code[:3]} {code[-3:]}"
    return code


def _place(address: PostalAddress) -> str:
    place, code = " ".join(part for part in (address.municipality, address.province) if part), postal_code_of(address)
    return place + " " * _BEFORE_POSTAL_CODE + code if code else place
