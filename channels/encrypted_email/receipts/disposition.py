"""Message disposition notifications (RFC 8098): what a recipient's program says it did with one message."""

from channels.mail.structure import Part, blocks, first, value
from gateway.domain.report import Finding, Report

_FINDING_OF_TYPE = {
    "displayed": Finding.DISPLAYED,
    "deleted": Finding.DISCARDED,
    "denied": Finding.DISCARDED,
    "failed": Finding.DISCARDED,
    "dispatched": Finding.PROCESSED,
    "processed": Finding.PROCESSED,
}
"""RFC 8098 §3.2.6.2, and those of RFC 2298 and 3798 that programs still send. Whether a person or a program acted
(§3.2.6.1) changes nothing: neither is known to be the recipient."""


def read(message: Part) -> tuple[Report, ...]:
    """The report; empty when the message is no notification."""
    for one in blocks(first(message, "message/disposition-notification")):
        disposition = value(one, "Disposition")
        if disposition:
            kind = disposition.partition(";")[2].partition("/")[0].strip().lower()
            return (Report(finding=_FINDING_OF_TYPE.get(kind, Finding.UNREADABLE), words=disposition),)
    return ()
