"""What becomes of a delivery when an attempt ends: a pure function of delivery, result, policy and now."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.domain.delivery import (
    AttemptResult,
    Delivery,
    DeliveryEvent,
    Gathered,
    GivenToPerson,
    HandedOver,
    ResultName,
    next_state,
)
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason
from gateway.domain.retry import RetryPolicy, Turn, next_attempt_at, turn_ends


@dataclass(frozen=True, kw_only=True)
class Ended:
    """An attempt that ended. `left_us`: whether the network was touched. `jitter`: in [0, 1).
    `turn`: of the channel that was tried; None where the result asks for no retry."""

    result: AttemptResult
    left_us: bool
    now: dt.datetime
    jitter: float
    pause: dt.timedelta
    """How long a misconfigured channel rests, and a delivery for which a service of ours did not answer."""
    ours: bool = False
    """Whether it was a service of ours that failed: that says nothing about the delivery, and spends no attempt."""
    turn: Turn | None = None


CALLING_A_PERSON = frozenset({Reason.EXCHANGE_HOST_KEY, Reason.EXCHANGE_CERTIFICATE, Reason.EXCHANGE_DIFFERS})
"""Refusals that no next channel answers for: somebody may stand in between, or papers of ours be taken for others."""

OF_ONE_ACCOUNT = frozenset({Reason.EXCHANGE_AUTHENTICATION})
"""Faults of ours that hold up the deliveries to one account of a channel, and no others."""

_NAMES: Mapping[type[AttemptResult], ResultName] = {
    HandedOver: ResultName.HANDED_OVER,
    Gathered: ResultName.GATHERED,
    GivenToPerson: ResultName.GIVEN_TO_PERSON,
    NotSent: ResultName.NOT_SENT,
    MaybeSent: ResultName.MAYBE_SENT,
    Refused: ResultName.REFUSED,
    Misconfigured: ResultName.MISCONFIGURED,
}
_PUT: Mapping[type[AttemptResult], DeliveryEvent] = {
    HandedOver: DeliveryEvent.HANDED_OVER,
    Gathered: DeliveryEvent.GATHERED,
    GivenToPerson: DeliveryEvent.GIVEN_TO_PERSON,
}
"""What an attempt that went as it should makes of its delivery."""


def result_name(result: AttemptResult) -> ResultName:
    """The interface's name of the result."""
    return _NAMES[type(result)]


def after_attempt(delivery: Delivery, ended: Ended, policy: RetryPolicy) -> Delivery:
    """The delivery after the attempt, without its lease."""
    free = replace(delivery, lease_until=None, next_action_at=None)
    match ended.result:
        case HandedOver() | Gathered() | GivenToPerson() as put:
            return _moved(free, _PUT[type(put)], None)
        case NotSent(reason=reason) if ended.ours:
            return _rested(free, ended, reason)
        case NotSent(reason=reason):
            return _again(free, ended, policy, reason)
        case MaybeSent(reason=reason):
            waiting = replace(free, next_action_at=ended.now + policy.report)
            return _moved(waiting, DeliveryEvent.END_UNKNOWN, reason)
        case Refused(reason=reason):
            return _another_way(free, ended, reason)
        case Misconfigured(reason=reason):
            return _rested_in_time(free, ended, policy, reason)


def _rested(delivery: Delivery, ended: Ended, reason: Reason) -> Delivery:
    """Due again after a pause, the attempt unspent."""
    rested = replace(delivery, attempts=delivery.attempts - 1, next_action_at=ended.now + ended.pause)
    return _moved(rested, DeliveryEvent.RETRY_DUE, reason)


def _rested_in_time(delivery: Delivery, ended: Ended, policy: RetryPolicy, reason: Reason) -> Delivery:
    """The same, unless the channel's time is over by the end of the pause."""
    ends = turn_ends(policy, ended.turn) if ended.turn else None
    if ends is None or ended.now + ended.pause <= ends:
        return _rested(delivery, ended, reason)
    return _another_way(delivery, ended, Reason.TIME_OVER)


def _moved(delivery: Delivery, event: DeliveryEvent, reason: Reason | None) -> Delivery:
    return replace(delivery, state=next_state(delivery.state, event), reason=reason)


def _again(delivery: Delivery, ended: Ended, policy: RetryPolicy, reason: Reason) -> Delivery:
    turn = ended.turn or Turn(tries=delivery.attempts, since=ended.now, until=None, last=on_last_way(delivery))
    due = next_attempt_at(policy, turn, ended.now, ended.jitter)
    if isinstance(due, Reason):
        return _another_way(delivery, ended, due)
    return _moved(replace(delivery, next_action_at=due), DeliveryEvent.RETRY_DUE, reason)


def _another_way(delivery: Delivery, ended: Ended, reason: Reason) -> Delivery:
    if reason in CALLING_A_PERSON:
        return _moved(delivery, DeliveryEvent.PERSON_NEEDED, reason)
    if not on_last_way(delivery):
        return _onward(delivery, ended.now, reason)
    if not ended.left_us:
        return _moved(delivery, DeliveryEvent.PERSON_NEEDED, reason)
    return _moved(delivery, DeliveryEvent.WAYS_EXHAUSTED, reason)


def _onward(delivery: Delivery, now: dt.datetime, reason: Reason) -> Delivery:
    onward = replace(delivery, position=delivery.position + 1, attempts=0, next_action_at=now)
    return _moved(onward, DeliveryEvent.NEXT_CHANNEL, reason)


def on_last_way(delivery: Delivery) -> bool:
    """Whether no channel comes after the one in use."""
    return delivery.position + 1 >= len(delivery.plan)


def after_waiting(delivery: Delivery, now: dt.datetime) -> Delivery:
    """The delivery whose channel takes nothing and whose time for it is over: with the next channel, or a person."""
    if on_last_way(delivery):
        return _moved(replace(delivery, next_action_at=None), DeliveryEvent.PERSON_NEEDED, Reason.TIME_OVER)
    return _onward(delivery, now, Reason.TIME_OVER)


def after_setting_aside(delivery: Delivery, reason: Reason, now: dt.datetime) -> Delivery:
    """The delivery that may not go with the batch it lies in: for a person to see to. Where its carrier alone stands
    still, and another way comes after, it takes that."""
    if reason is Reason.CARRIER_SUSPENDED and not on_last_way(delivery):
        return _onward(delivery, now, reason)
    return _moved(replace(delivery, next_action_at=None), DeliveryEvent.PERSON_NEEDED, reason)


def after_taking_out(delivery: Delivery, now: dt.datetime, *, anew: bool) -> Delivery:
    """The delivery whose envelope turned out unfit for the batch it lies in. anew: another is made at once."""
    if anew:
        return _moved(replace(delivery, next_action_at=now), DeliveryEvent.UNFIT, Reason.MAIL_UNFIT)
    return after_setting_aside(delivery, Reason.MAIL_UNFIT, now)


def after_answer(delivery: Delivery, answer: HandedOver | NotSent | None, now: dt.datetime) -> Delivery:
    """The unconfirmed delivery after its carrier said what became of it; unchanged where it does not know."""
    match answer:
        case HandedOver():
            return _moved(replace(delivery, next_action_at=None), DeliveryEvent.SHOWN_SENT, None)
        case NotSent(reason=reason):
            return _moved(replace(delivery, next_action_at=now), DeliveryEvent.CONFIRMED_NOT_SENT, reason)
        case None:
            return delivery


def after_lapse(
    delivery: Delivery, *, started: bool, lapses: int, most_lapses: int, policy: RetryPolicy, now: dt.datetime
) -> Delivery:
    """The delivery after its lease ran out.

    started: whether the attempt may have touched the network; then its end is unknown. lapses: how many attempts
    lapsed before they started, this one included; a delivery whose preparation kills its worker again and again
    goes to a person. The fence grows, so that a worker that wakes up late records nothing over this.
    """
    free = replace(delivery, fence=delivery.fence + 1, lease_until=None, next_action_at=None)
    if started:
        waiting = replace(free, next_action_at=now + policy.report)
        return _moved(waiting, DeliveryEvent.LEASE_LAPSED_STARTED, Reason.LEASE_LAPSED)
    if lapses >= most_lapses:
        return _moved(free, DeliveryEvent.PERSON_NEEDED, Reason.LEASE_LAPSED)
    unspent = replace(free, attempts=delivery.attempts - 1, next_action_at=now)
    return _moved(unspent, DeliveryEvent.LEASE_LAPSED_UNSTARTED, Reason.LEASE_LAPSED)
