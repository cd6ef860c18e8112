"""Addresses as Canada Post reads them (Addressing Guidelines): capitals, the place on a line, the country last."""

from gateway.domain.envelope import HOME, Envelope, postal_code_of
from gateway.domain.parties import Language, PostalAddress
from templates.formats import format_country

_BEFORE_POSTAL_CODE = "\u00a0\u00a0"
"""Two spaces, and the line does not break there."""


def envelope_lines(envelope: Envelope, language: Language) -> list[str]:
    """The lines on an envelope. Within Canada no country is named; abroad it stands alone in the last line."""
    return [line.upper() for line in [*envelope.to, *address_lines(envelope.address, language)]]


def address_lines(address: PostalAddress, language: Language) -> list[str]:
    """The lines of the address alone."""
    return [*address.lines, *place_lines(address, language)]


def place_lines(address: PostalAddress, language: Language) -> list[str]:
    """The place, and abroad the country."""
    place = " ".join(part for part in (address.municipality, address.province) if part)
    code = postal_code_of(address)
    if code:
        place += f"{_BEFORE_POSTAL_CODE}{code}"
    abroad = [] if address.country == HOME else [format_country(address.country, language)]
    return [place, *abroad]


def grouped(code: str) -> str:
    """Four digits at a time, on one line, as they are read out or typed."""
    return "\u00a0".join(code[start : start + 4] for start in range(0, len(code), 4)) if code.isdigit() else code
