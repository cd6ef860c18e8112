"""Addresses as Canada Post reads them (Addressing Guidelines): capitals, the place on a line, the country last."""

from gateway.domain.parties import PostalAddress
from gateway.ports.papers import Addressee

_HOME = "CA"
_BEFORE_POSTAL_CODE = "\u00a0\u00a0"
"""Two spaces, and the line does not break there."""


def envelope_lines(to: Addressee, address: PostalAddress) -> list[str]:
    """The lines on an envelope. Within Canada no country is named; abroad it stands alone in the last line."""
    lines = [part for part in (to.name, to.organization, to.attention) if part]
    return [line.upper() for line in [*dict.fromkeys(lines), *address_lines(address)]]


def address_lines(address: PostalAddress) -> list[str]:
    """The lines of the address alone."""
    place = " ".join(part for part in (address.municipality, address.province) if part)
    if address.postal_code:
        place += f"{_BEFORE_POSTAL_CODE}{address.postal_code}"
    abroad = [] if address.country == _HOME else [address.country]
    return [*address.lines, place, *abroad]
