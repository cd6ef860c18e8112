"""Delivery status notifications (RFC 3464): what a mail system says became of one message for each recipient."""

import datetime as dt
import re
from email.utils import parsedate_to_datetime

from channels.mail.structure import Part, blocks, first, typed, value
from gateway.domain.report import Finding, Report

MEDIA_TYPES = ("message/delivery-status", "message/global-delivery-status")

_FINDING_OF_ACTION = {
    "failed": Finding.FAILED,
    "delayed": Finding.DELAYED,
    "delivered": Finding.IN_MAILBOX,
    "relayed": Finding.RELAYED,
    "expanded": Finding.RELAYED,
}
"""RFC 3464 §2.3.3. `expanded` went to several further addresses: of none of them is the end known."""

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)")  # RFC 3463 §2
_MOST_RECIPIENTS = 50


def read(message: Part) -> tuple[Report, ...]:
    """The reports, one a recipient; empty when the message is no notification."""
    fields = blocks(first(message, *MEDIA_TYPES))
    return tuple(_report(one) for one in fields[1 : _MOST_RECIPIENTS + 1] if one.get("Action") is not None)


def _report(recipient: Part) -> Report:
    action = value(recipient, "Action").lower()
    status = _STATUS.match(value(recipient, "Status"))
    return Report(
        finding=_FINDING_OF_ACTION.get(action, Finding.UNREADABLE),
        status=status[0] if status else "",
        at=moment(value(recipient, "Last-Attempt-Date")),
        words=typed(value(recipient, "Diagnostic-Code")),
    )


def moment(text: str) -> dt.datetime | None:
    """A date of a report in UTC, or None when it is none or lacks its offset."""
    try:
        at = parsedate_to_datetime(text)
        return at.astimezone(dt.UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError, TypeError):
        return None
