"""When a delivery that left us is settled: its closing rule applied to what came back so far.

A pure function of what is kept and of the time: asked again at any moment, by anybody, it says the same.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.closing import ClosesOn, ClosingRule
from gateway.domain.delivery import CALLING, Attempt, Delivery, ResultName
from gateway.domain.reasons import Reason
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.service import RECEIVED

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The sending that a delivery relies on. `reports`: what came back on it, the carrier's acceptance left out.
    `deemed_until`: the moment at which the day of deemed receipt ends, where the rules deem. `confirmed`: whether a
    person says that it was sent. `explained_at`: when an officer signed why its receipt cannot be proven (RAD
    r.34(3))."""

    attempt: Attempt
    reports: Sequence[Receipt]
    deemed_until: dt.datetime | None
    confirmed: bool = False
    explained_at: dt.datetime | None = None

    @property
    def came_back(self) -> bool:
        """Whether a report says that it did not arrive."""
        return any(one.event is ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE for one in self.reports)

    @property
    def indicated(self) -> bool:
        """Whether the carrier's word, or a person who looked for it, says when it left."""
        return self.attempt.result is ResultName.HANDED_OVER or bool(self.reports) or self.confirmed

    @property
    def at(self) -> dt.datetime:
        """When it left."""
        return self.attempt.finished_at or self.attempt.started_at or self.attempt.claimed_at


def first_look(rule: ClosingRule, left_at: dt.datetime) -> dt.datetime | None:
    """When to look at what just left us, should nothing come back before; None: at once, it may be settled already."""
    if rule.closes_on in {ClosesOn.NO_BOUNCE, ClosesOn.EVIDENCE} and rule.overdue_days is not None:
        return left_at + rule.overdue_days * _DAY
    return None


def after_look(delivery: Delivery, sent: Sent, rule: ClosingRule, now: dt.datetime) -> Delivery:
    """The delivery after a look at what came back: settled, overdue, or to be looked at again.

    What is overdue is for a person and stays where it is: nothing is sent again for want of a report.
    """
    at = settles_at(sent, rule)
    if at is None and sent.came_back:
        return unproven(delivery, now)
    if at is not None and at <= now:
        return replace(delivery, settled=True, reason=None, next_action_at=None)
    if at is not None:
        return replace(delivery, reason=None, next_action_at=at)
    if rule.overdue_days is None:
        return replace(delivery, next_action_at=now + _DAY)
    overdue_at = sent.at + rule.overdue_days * _DAY
    return unproven(delivery, now) if overdue_at <= now else replace(delivery, next_action_at=overdue_at)


def unproven(delivery: Delivery, now: dt.datetime) -> Delivery:
    """The delivery for a person to see to: nothing shows that it was sent, or what should show it did not come."""
    told = delivery.reason if delivery.reason in CALLING else Reason.RECEIPT_OVERDUE
    return replace(delivery, reason=told, next_action_at=now + _DAY)


def settles_at(sent: Sent, rule: ClosingRule) -> dt.datetime | None:
    """From when on the delivery is settled, as things stand; None while that hangs on what has not come, and of what
    came back."""
    received = min((one.at for one in sent.reports if one.event in RECEIVED), default=None)
    if received is not None or sent.came_back:
        return received
    if sent.explained_at is not None:
        return sent.explained_at
    match rule.closes_on:
        case ClosesOn.INDICATED:
            return sent.at if sent.indicated else None
        case ClosesOn.DEEMED:
            return sent.deemed_until
        case ClosesOn.NO_BOUNCE:
            first = min((one.at for one in sent.reports), default=None)
            return None if first is None else max(first, sent.at) + (rule.after_days or 0) * _DAY
        case ClosesOn.EVIDENCE:
            return None
