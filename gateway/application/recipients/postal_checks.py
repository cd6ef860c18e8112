"""Whether an address reaches anybody, asked where a person puts it forward or chooses it: they can mend it there.

An address that a signed package brings is not refused for it: that would hold up the decision for everybody. Its plan
passes that way over, and says so (`gateway.domain.ways`).
"""

from collections.abc import Iterator

from gateway.application.identifiers import identifier_checks
from gateway.domain.addresses import MailAddress
from gateway.domain.codes import Code
from gateway.domain.envelope import AddressFault, Envelope, address_fault, name_fits, name_lines, postal_faults
from gateway.domain.parties import PostalAddress, Recipient, RecipientChannel
from gateway.domain.problem import InputRefused


def check_carried(address: PostalAddress, place: str) -> None:
    """Raises InputRefused (address.*) with the field at fault below `place`, in Canada Post's Addressing Guidelines."""
    for found in postal_faults(address):
        raise _refused(found.fault, f"{place}.{found.field}")


def check_names(name: str, organization: str | None, place: str) -> None:
    """That an envelope has room for them. Raises InputRefused (address.name-too-long) with the field below `place`."""
    for field, value in (("name", name), ("organization", organization)):
        if not name_fits(name_lines(value or "")):
            raise _refused(AddressFault.NAME_TOO_LONG, f"{place}.{field}")
    if not name_fits([*name_lines(name), *name_lines(organization or "")]):
        raise _refused(AddressFault.NAME_TOO_LONG, f"{place}.organization")


def check_chosen(entry: Recipient) -> None:
    """That an entry of the directory which a person chooses can be reached by one of its ways at least: it may have
    been imported before addresses were judged. Raises InputRefused (address.*) with the fault of its first way."""
    refusals = [next(_faults(way, entry), None) for way in entry.channels]
    if refusals and refusals[0] is not None and None not in refusals:
        raise refusals[0]


def _faults(way: RecipientChannel, entry: Recipient) -> Iterator[InputRefused]:
    place = f"{entry.id}.{way.type}"
    if way.address is not None:
        try:
            MailAddress.parse(way.address)
        except ValueError:
            yield InputRefused(Code.ADDRESS_EMAIL, where=place)
    if way.number is not None and list(identifier_checks().fax(way.number, place)):
        yield InputRefused(Code.ADDRESS_FAX, where=place)
    if way.postal is not None:
        fault = address_fault(Envelope(address=way.postal, name=entry.name, organization=entry.organization))
        if fault is not None:
            yield _refused(fault, place)


def _refused(fault: AddressFault, where: str) -> InputRefused:
    match fault:
        case AddressFault.NUMBER_SIGN:
            return InputRefused(Code.ADDRESS_NUMBER_SIGN, where=where)
        case AddressFault.PROVINCE:
            return InputRefused(Code.ADDRESS_PROVINCE, where=where)
        case AddressFault.POSTAL_CODE:
            return InputRefused(Code.ADDRESS_POSTAL_CODE, where=where)
        case AddressFault.NAME_TOO_LONG:
            return InputRefused(Code.ADDRESS_NAME_TOO_LONG, where=where)
        case _:
            return InputRefused(Code.ADDRESS_LINE_TOO_LONG, where=where)
