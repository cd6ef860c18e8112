"""The forms of identifiers: file numbers, memberships, postal codes, fax numbers (`gateway/rules/identifiers.toml`).

A fault is told by its place and by an example of what was expected, never by what stood there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Contact, Membership, PostalAddress

CheckFax = Callable[[str], None]
"""Raises ValueError for a number that no fax can be reached by."""

_FILLED = {"min_length": 1}
_CANADA = "CA"


@dataclass(frozen=True, kw_only=True)
class FileNumberForm:
    """How divisions write a file number."""

    divisions: tuple[Division, ...] = field(metadata=_FILLED)
    pattern: str
    example: str
    source: str
    source_fr: str


@dataclass(frozen=True, kw_only=True)
class MembershipForm:
    """How professional bodies write a member's number."""

    bodies: tuple[str, ...] = field(metadata=_FILLED)
    pattern: str
    example: str
    source: str
    source_fr: str


@dataclass(frozen=True, kw_only=True)
class PostalCodeForm:
    """A Canadian postal code, and the provinces and territories."""

    pattern: str
    example: str
    provinces: tuple[str, ...] = field(metadata=_FILLED)
    source: str
    source_fr: str


@dataclass(frozen=True, kw_only=True)
class FaxNumberForm:
    """A fax number; what is one is for the numbering plans to say."""

    example: str
    source: str
    source_fr: str


@dataclass(frozen=True, kw_only=True)
class Identifiers:
    """All forms."""

    file_number: tuple[FileNumberForm, ...] = field(metadata=_FILLED)
    membership: tuple[MembershipForm, ...] = field(metadata=_FILLED)
    postal_code: PostalCodeForm
    fax_number: FaxNumberForm


@dataclass(frozen=True)
class IdentifierFault:
    """An identifier of the wrong form: where it stands, and what was expected."""

    where: str
    expected: str


class IdentifierChecks:
    """Holds identifiers against their forms; yields the faults, none when all is well."""

    def __init__(self, forms: Identifiers, check_fax: CheckFax) -> None:
        self._forms = forms
        self._check_fax = check_fax

    def package(self, package: DecisionPackage) -> Iterator[IdentifierFault]:
        """Those of a decision package, in the order they stand there."""
        for index, file in enumerate(package.files):
            yield from self._file_number(package.division, file.number, f"$.files[{index}].number")
        for index, participant in enumerate(package.participants):
            place = f"$.participants[{index}]"
            if participant.membership is not None:
                yield from self._membership(participant.membership, f"{place}.membership")
            if participant.contact is not None:
                yield from self.contact(participant.contact, f"{place}.contact")

    def contact(self, contact: Contact, place: str) -> Iterator[IdentifierFault]:
        """Those of somebody's address."""
        if contact.fax is not None:
            yield from self.fax(contact.fax, f"{place}.fax")
        if contact.postal is not None:
            yield from self.postal(contact.postal, f"{place}.postal")

    def fax(self, number: str, place: str) -> Iterator[IdentifierFault]:
        """That of a fax."""
        try:
            self._check_fax(number)
        except ValueError:
            yield IdentifierFault(place, self._forms.fax_number.example)

    def postal(self, address: PostalAddress, place: str) -> Iterator[IdentifierFault]:
        """Those of a Canadian address; other countries have forms of their own."""
        form = self._forms.postal_code
        if address.country != _CANADA:
            return
        if address.province is not None and address.province not in form.provinces:
            yield IdentifierFault(f"{place}.province", ", ".join(form.provinces))
        if address.postal_code is not None and not re.fullmatch(form.pattern, address.postal_code):
            yield IdentifierFault(f"{place}.postal_code", form.example)

    def _file_number(self, division: Division, number: str, place: str) -> Iterator[IdentifierFault]:
        forms = [form for form in self._forms.file_number if division in form.divisions]
        if forms and not any(re.fullmatch(form.pattern, number) for form in forms):
            yield IdentifierFault(place, ", ".join(form.example for form in forms))

    def _membership(self, membership: Membership, place: str) -> Iterator[IdentifierFault]:
        form = next((one for one in self._forms.membership if membership.body in one.bodies), None)
        if form is None:
            known = sorted(body for one in self._forms.membership for body in one.bodies)
            yield IdentifierFault(f"{place}.body", ", ".join(known))
        elif not re.fullmatch(form.pattern, membership.number):
            yield IdentifierFault(f"{place}.number", form.example)
