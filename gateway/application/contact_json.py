"""An address that a person gives a delivery, read as strictly as those of a package (INTERFACE.md, `contact`)."""

from functools import cache

from gateway.application.identifiers import identifier_checks
from gateway.application.postal_checks import check_carried
from gateway.application.strict_format import StrictFormat
from gateway.application.strict_json import Fault, JsonRules
from gateway.domain.codes import Code
from gateway.domain.parties import Contact
from gateway.domain.problem import InputRefused

_RULES = JsonRules(codes=dict.fromkeys(Fault, Code.REQUEST_INVALID), max_bytes=10_000)

MOST_BYTES = _RULES.max_bytes


@cache
def _format() -> StrictFormat[Contact]:
    return StrictFormat(Contact, _RULES)


def read_contact(raw: bytes) -> Contact:
    """The address. Raises InputRefused (request.invalid; address.*: the post would not carry it) with the JSON path as
    `where`."""
    contact = _format().read(raw)
    if contact.unknown or not (contact.email or contact.fax or contact.postal):
        raise InputRefused(Code.REQUEST_INVALID, where="$", expected="email, fax, postal")
    for fault in identifier_checks().contact(contact, "$"):
        raise InputRefused(Code.REQUEST_INVALID, where=fault.where, expected=fault.expected)
    if contact.postal is not None:
        check_carried(contact.postal, "$.postal")
    return contact
