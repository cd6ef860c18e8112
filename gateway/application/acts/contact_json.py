"""An address that a person gives a delivery, read as strictly as those of a package (INTERFACE.md, `contact`)."""

from functools import cache

from gateway.application.identifiers import identifier_checks
from gateway.application.recipients.postal_checks import check_carried
from gateway.application.strict_format import StrictFormat
from gateway.application.strict_json import Fault, JsonRules
from gateway.domain.codes import Code
from gateway.domain.parties import Contact
from gateway.domain.problem import InputRefused

_RULES = JsonRules(codes=dict.fromkeys(Fault, Code.REQUEST_INVALID), max_bytes=10_000)

MOST_BYTES = _RULES.max_bytes
_FAX, _EMAIL = "$.fax", "$.email"


@cache
def _format() -> StrictFormat[Contact]:
    return StrictFormat(Contact, _RULES)


def read_contact(raw: bytes) -> Contact:
    """The address. Raises InputRefused (request.invalid; address.*: no number that a fax can reach, or one that
    the post would not carry to) with the JSON path as
    `where`."""
    contact = _read(raw)
    if contact.unknown or not (contact.email or contact.fax or contact.postal):
        raise InputRefused(Code.REQUEST_INVALID, where="$", expected="email, fax, postal")
    if contact.postal is not None:
        check_carried(contact.postal, "$.postal")
    for fault in identifier_checks().contact(contact, "$"):
        if fault.where == _FAX:
            raise InputRefused(Code.ADDRESS_FAX, where=_FAX)
        raise InputRefused(Code.REQUEST_INVALID, where=fault.where, expected=fault.expected)
    return contact


def _read(raw: bytes) -> Contact:
    """A form that is told as a pattern helps nobody who typed a number."""
    try:
        return _format().read(raw)
    except InputRefused as refused:
        if refused.where == _FAX:
            raise InputRefused(Code.ADDRESS_FAX, where=_FAX) from None
        if refused.where == _EMAIL:
            raise InputRefused(Code.ADDRESS_EMAIL, where=_EMAIL) from None
        raise
