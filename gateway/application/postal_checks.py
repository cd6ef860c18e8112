"""Whether the post would carry something to an address, asked where a person puts it forward: they can mend it there.

An address that a signed package brings is not refused for it: that would hold up the decision for everybody.
"""

from gateway.domain.codes import Code
from gateway.domain.envelope import AddressFault, postal_faults
from gateway.domain.parties import PostalAddress
from gateway.domain.problem import InputRefused


def check_carried(address: PostalAddress, place: str) -> None:
    """Raises InputRefused (address.*) with the field at fault below `place`, in Canada Post's Addressing Guidelines."""
    for found in postal_faults(address):
        raise _refused(found.fault, f"{place}.{found.field}")


def _refused(fault: AddressFault, where: str) -> InputRefused:
    match fault:
        case AddressFault.NUMBER_SIGN:
            return InputRefused(Code.ADDRESS_NUMBER_SIGN, where=where)
        case AddressFault.PROVINCE:
            return InputRefused(Code.ADDRESS_PROVINCE, where=where)
        case AddressFault.POSTAL_CODE:
            return InputRefused(Code.ADDRESS_POSTAL_CODE, where=where)
        case _:
            return InputRefused(Code.ADDRESS_LINE_TOO_LONG, where=where)
