"""What a report bears on a delivery: a pure function, whose end does not depend on the order in which reports come.

A report never makes anything be sent again: the strongest thing it does is to call a person.
"""

from collections.abc import Mapping
from dataclasses import replace

from gateway.domain.delivery import TRANSITIONS, Delivery, DeliveryEvent, DeliveryState, next_state
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding

_FAILURES = {
    Finding.FAX_BUSY: Reason.FAX_BUSY,
    Finding.FAX_NO_ANSWER: Reason.FAX_NO_ANSWER,
    Finding.FAX_WRONG_MACHINE: Reason.FAX_WRONG_MACHINE,
    Finding.FAX_PARTIAL: Reason.FAX_PARTIAL,
    Finding.FAX_FAILED: Reason.FAX_FAILED,
    Finding.MAIL_RETURNED: Reason.MAIL_RETURNED,
    Finding.MAIL_REFUSED: Reason.MAIL_REFUSED,
    Finding.MAIL_UNDELIVERABLE: Reason.MAIL_UNDELIVERABLE,
}
_STANDING = {
    Finding.MAIL_ATTEMPTED: Reason.MAIL_ATTEMPTED,
    Finding.MAIL_HELD: Reason.MAIL_HELD,
    Finding.MAIL_DELIVERED: Reason.MAIL_UNSIGNED,
}
"""What stands with a delivery that left us and is not known to have been received."""

_STRONGEST = (Reason.MAIL_ATTEMPTED, Reason.RECEIPT_OVERDUE, Reason.MAIL_HELD, Reason.MAIL_UNSIGNED)
"""Of what stands with it the last of these is told: it is the most that is known, whichever came last."""

_WEIGHTIEST = (
    Reason.FAX_WRONG_MACHINE,
    Reason.FAX_PARTIAL,
    Reason.FAX_FAILED,
    Reason.FAX_NO_ANSWER,
    Reason.FAX_BUSY,
    Reason.MAIL_REFUSED,
    Reason.MAIL_UNDELIVERABLE,
    Reason.MAIL_RETURNED,
    Reason.BOUNCED,
)
"""Of failures that contradict each other the one that may have shown papers to somebody else is told first; of mail
that came back, why it did."""

_EVENT_OF: Mapping[Finding, DeliveryEvent] = {
    Finding.FAILED: DeliveryEvent.BOUNCED,
    **dict.fromkeys(_FAILURES, DeliveryEvent.BOUNCED),
    Finding.FAX_ACCEPTED: DeliveryEvent.SHOWN_SENT,
    Finding.FAX_SENT: DeliveryEvent.SHOWN_SENT,
    Finding.RELAYED: DeliveryEvent.SHOWN_SENT,
    Finding.IN_MAILBOX: DeliveryEvent.SHOWN_SENT,
    Finding.DELAYED: DeliveryEvent.SHOWN_SENT,
    Finding.DISPLAYED: DeliveryEvent.SHOWN_SENT,
    Finding.SIGNED: DeliveryEvent.TAKEN,
    Finding.LEFT: DeliveryEvent.SHOWN_SENT,
    Finding.TAKEN: DeliveryEvent.TAKEN,
    Finding.DISCARDED: DeliveryEvent.SHOWN_SENT,
    Finding.PROCESSED: DeliveryEvent.SHOWN_SENT,
    Finding.MAIL_INDUCTED: DeliveryEvent.SHOWN_SENT,
    Finding.MAIL_IN_TRANSIT: DeliveryEvent.SHOWN_SENT,
    **dict.fromkeys(_STANDING, DeliveryEvent.SHOWN_SENT),
    Finding.MAIL_SIGNED: DeliveryEvent.TAKEN,
}
"""Replies are not here: an absence notice may answer an earlier message of the same conversation."""

_REASON_OF = {DeliveryState.FAILED: Reason.BOUNCED, DeliveryState.NEEDS_PERSON: Reason.SHOWN_SENT}


def after_report(delivery: Delivery, finding: Finding) -> Delivery:
    """The delivery after the report; unchanged where the report says nothing new of it.

    A failure outweighs every relay whichever came first, and reopens what was settled (DESIGN.md §2.4).
    """
    event = _EVENT_OF.get(finding)
    if event is DeliveryEvent.BOUNCED and delivery.state is DeliveryState.FAILED and delivery.reason in _WEIGHTIEST:
        told = _FAILURES.get(finding, Reason.BOUNCED)
        return replace(delivery, reason=min(delivery.reason, told, key=_WEIGHTIEST.index))
    after = delivery if event is None else _after(delivery, event, _FAILURES.get(finding))
    return _with_standing(after, _STANDING.get(finding))


def _with_standing(delivery: Delivery, reason: Reason | None) -> Delivery:
    """The delivery with what is known of it while it stands as handed over and nothing has settled it."""
    if reason is None or delivery.state is not DeliveryState.HANDED_OVER or delivery.settled:
        return delivery
    known = [one for one in (delivery.reason, reason) if one in _STRONGEST]
    return replace(delivery, reason=max(known, key=_STRONGEST.index))


def after_taking(delivery: Delivery, *, whole: bool = True) -> Delivery:
    """The delivery once the identified recipient took all of it from the exchange; see `after_report`.

    whole: False where they took some of what was recalled while they took it: that much had left us. Whether it is
    settled by that is for the closing rules.
    """
    if whole:
        return _after(delivery, DeliveryEvent.TAKEN, None)
    return _after(delivery, DeliveryEvent.SHOWN_SENT, None) if delivery.state is DeliveryState.RECALLED else delivery


def _after(delivery: Delivery, event: DeliveryEvent, reason: Reason | None) -> Delivery:
    if event not in TRANSITIONS[delivery.state]:
        return delivery
    state = next_state(delivery.state, event)
    settled = delivery.settled and event is not DeliveryEvent.BOUNCED
    reason = reason or _REASON_OF.get(state)
    return replace(delivery, state=state, reason=reason, settled=settled, next_action_at=None)


def is_with_recipient(finding: Finding) -> bool:
    """Whether it shows the papers with their recipient, whichever attempt brought them."""
    return _EVENT_OF.get(finding) is DeliveryEvent.TAKEN


def is_shown_sent(finding: Finding) -> bool:
    """Whether nothing but a sending can be the cause of it, whatever became of that."""
    return _EVENT_OF.get(finding) in {DeliveryEvent.SHOWN_SENT, DeliveryEvent.TAKEN}


def must_wait(delivery: Delivery) -> bool:
    """Whether an attempt is on its way whose end is not recorded yet: the report came before our own commit."""
    return delivery.state is DeliveryState.SENDING
