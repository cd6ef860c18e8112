"""What a fax service's mail says became of a fax. Acceptance is a handover; the final report alone is a result.

Services follow no standard. Two shapes are read, each a table of its field names: one line a field, `Name: value`
(InterFAX: TransactionID, CSID, PagesSent, Status, OriginalSubject, DestinationFax), and the mails of services such as
FAXAGE, first of acceptance and then of the end. What a table does not know is a failure for a person, never a success.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr

from channels.fax.compose import TELLING, FaxSubject, telling
from channels.mail.structure import Part, Unreadable, first, parsed
from gateway.domain.addresses import MailAddress
from gateway.domain.report import Finding, Reading, Report

_FIELD = re.compile(r"^[ \t]*([A-Za-z][A-Za-z ]{1,30}?)[ \t]*:[ \t]*(\S.*?)?[ \t]*$", re.MULTILINE)
_MOST_TEXT = 20_000  # characters of a mail that are looked at
_NOBODY_THERE = frozenset({Finding.FAX_BUSY, Finding.FAX_NO_ANSWER})
"""Nothing went to anybody, whoever was called."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A service's field names, in lower case without blanks. `outcomes`: what its status says, in lower case."""

    subject: str
    status: str
    pages: str
    csid: str
    number: str
    outcomes: Mapping[str, Finding]


INTERFAX = Shape(
    subject="originalsubject",
    status="status",
    pages="pagessent",
    csid="csid",
    number="destinationfax",
    outcomes={"0": Finding.FAX_SENT, "busy": Finding.FAX_BUSY, "no answer": Finding.FAX_NO_ANSWER},
)
TWO_MAILS = Shape(
    subject="subject",
    status="faxstatus",
    pages="pages",
    csid="remotecsid",
    number="faxnumber",
    outcomes={
        "accepted": Finding.FAX_ACCEPTED,
        "success": Finding.FAX_SENT,
        "busy": Finding.FAX_BUSY,
        "no answer": Finding.FAX_NO_ANSWER,
    },
)
SHAPES = (INTERFAX, TWO_MAILS)


class FaxResultReader:
    """Reads what the service wrote. See `gateway.ports.incoming.ReceiptReader`."""

    def __init__(self, service: MailAddress) -> None:
        """service: whom results come from. Mail is forged easily: what counts is the token that it gives back."""
        self._service = service

    def read(self, raw: bytes) -> Reading:
        """The reading; `unreadable` for what is no result of the service. Never raises for what a sender can send."""
        try:
            message = parsed(raw)
            return (self._result(message) if self._is_ours(message) else None) or _UNREADABLE
        except Unreadable:
            return _UNREADABLE

    def _is_ours(self, message: Part) -> bool:
        try:
            return MailAddress.parse(parseaddr(str(message.get("From", "")))[1]) == self._service
        except ValueError:
            return False

    def _result(self, message: Part) -> Reading | None:
        fields = _fields(message)
        shape = next((one for one in SHAPES if one.status in fields and one.subject in fields), None)
        ours = FaxSubject.find(fields[shape.subject]) if shape else None
        if shape is None or ours is None:
            return None
        report = Report(finding=_finding(shape, fields, ours), status=fields[shape.status][:40])
        return Reading(reports=(report,), tokens=(ours.token,))


_UNREADABLE = Reading(reports=(Report(finding=Finding.UNREADABLE),))


def _fields(message: Part) -> Mapping[str, str]:
    """The first of each name: what a service quotes comes after what it says."""
    part = first(message, "text/plain")
    content = part.get_payload(decode=True) if part is not None else None
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(text.replace("\r", "")[:_MOST_TEXT]):
        found.setdefault(name.lower().replace(" ", ""), value)
    return found


def _finding(shape: Shape, fields: Mapping[str, str], ours: FaxSubject) -> Finding:
    """What it comes to. A success holds only for the number that we gave, the machine that was called by it and all
    pages that were sent."""
    finding, pages = shape.outcomes.get(fields[shape.status].lower(), Finding.FAX_FAILED), ours.pages
    if finding not in _NOBODY_THERE and ours.was_for_another(fields.get(shape.number, "")):
        return Finding.FAX_WRONG_MACHINE
    shown = fields.get(shape.pages, "")
    sent = int(shown) if shown.isdecimal() and len(shown) <= 4 else None  # noqa: PLR2004  digits of a page count
    if sent is not None and sent > pages:
        return Finding.FAX_PAGES_EXCEED
    if finding is Finding.FAX_FAILED and sent:
        return Finding.FAX_PARTIAL
    if finding is not Finding.FAX_SENT:
        return finding
    if _another(fields.get(shape.csid, ""), fields.get(shape.number, "")):
        return Finding.FAX_WRONG_MACHINE
    return finding if sent == pages else Finding.FAX_PARTIAL


def _another(csid: str, number: str) -> bool:
    """Whether the machine calls itself by another number than was dialled; a name, or nothing, says nothing."""
    own, dialled = telling(csid), telling(number)
    return len(own) == len(dialled) == TELLING and own != dialled
