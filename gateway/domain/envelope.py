"""What stands on the outside of an envelope, and what the post refuses to read there.

Source: Canada Post, Addressing Guidelines: fewer than 40 characters a line, no number sign, a postal code of six signs
in which D, F, I, O, Q and U never stand and which begins with neither W nor Z.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.parties import PostalAddress

HOME = "CA"
MOST_CHARACTERS = 39
"""In a line."""
_POSTAL_CODE = re.compile(r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] [0-9][ABCEGHJ-NPRSTV-Z][0-9]")
_PROVINCES = frozenset({"AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"})
_BEFORE_POSTAL_CODE = 2  # spaces


class AddressFault(StrEnum):
    """What is wrong with an envelope."""

    NOBODY = "nobody-named"
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
        """Whom it goes to, no line twice."""
        return tuple(dict.fromkeys(part for part in (self.name, self.organization, self.attention) if part))


def address_fault(envelope: Envelope) -> AddressFault | None:
    """Why the post would not carry it, or not to where it should go; None: nothing found."""
    address = envelope.address
    if not envelope.to:
        return AddressFault.NOBODY
    if any("#" in line for line in address.lines):
        return AddressFault.NUMBER_SIGN
    if address.country == HOME:
        if (address.province or "").upper() not in _PROVINCES:
            return AddressFault.PROVINCE
        if not _POSTAL_CODE.fullmatch((address.postal_code or "").upper()):
            return AddressFault.POSTAL_CODE
    if any(len(line) > MOST_CHARACTERS for line in (*envelope.to, *address.lines, _place(address))):
        return AddressFault.LINE_TOO_LONG
    return None


def _place(address: PostalAddress) -> str:
    place = " ".join(part for part in (address.municipality, address.province) if part)
    return place + " " * _BEFORE_POSTAL_CODE + address.postal_code if address.postal_code else place
