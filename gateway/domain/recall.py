"""Recall: containing a package that was misdirected or should never have been issued.

What has not left is stopped. What lies in the exchange is withdrawn, and what was taken of it before stays known. What
left by any other way is beyond recall: a person must call the recipient.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from gateway.domain.delivery import Attempt, Delivery, DeliveryEvent, DeliveryState, ResultName, next_state
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.exchange import Entry
from gateway.domain.reasons import Reason
from gateway.domain.reference import token_of


class Containment(StrEnum):
    """What a recall came to for one delivery."""

    STOPPED = "stopped"
    """Nothing left us, and nothing will."""
    RETRACTED = "retracted"
    """It lay in the exchange, and nothing of it was taken."""
    TAKEN = "taken"
    """The recipient took some or all of it from the exchange; the rest is withdrawn."""
    IN_MAIL_ROOM = "in-mail-room"
    """No carrier took it, and none may: the packet is to be taken out of the mail room."""
    IN_DOUBT = "in-doubt"
    """It is on its way, or may have left: that is settled first."""
    REMOVED = "removed"
    """It lay on the recipient's own server, and was removed there. Whether anybody looked at it before is not known."""
    BEYOND_RECALL = "beyond-recall"
    """It left by a way that gives nothing back."""


_HARMLESS = frozenset(
    {
        DeliveryState.PLANNED,
        DeliveryState.NEEDS_PERSON,
        DeliveryState.HELD,
        DeliveryState.READY,
        DeliveryState.DEFERRED,
        DeliveryState.BATCHED,
        DeliveryState.FAILED,
    }
)
"""States in which nothing is on its way and nothing waits for a report."""
_OPEN = frozenset({DeliveryState.SENDING, DeliveryState.UNCONFIRMED, DeliveryState.AWAITING_PERSON})
_LEFT = frozenset({ResultName.HANDED_OVER, ResultName.MAYBE_SENT})
_LEAVING = _LEFT | {ResultName.GIVEN_TO_PERSON, None}
_STANDS_AS_SENT = frozenset({DeliveryState.HANDED_OVER, DeliveryState.DELIVERED})


def recalled_dispatch(dispatch: Dispatch) -> Dispatch:
    """The dispatch with nothing more to do. The fence grows: who plans or renders it at this moment ends nothing."""
    return replace(
        dispatch, step=Step.RECALLED, attempts=0, fence=dispatch.fence + 1, next_action_at=None, lease_until=None
    )


def after_recall(delivery: Delivery, attempts: Sequence[Attempt], left: Sequence[Entry]) -> Delivery:
    """The delivery after the recall; unchanged where it has left us, or may have.

    attempts: all of its. left: what lies in the exchange for it. The fence grows, so that an attempt which has not
    started can no longer start.
    """
    if not _can_be_stopped(delivery, attempts, left):
        return delivery
    return replace(
        delivery,
        state=next_state(delivery.state, DeliveryEvent.RECALLED),
        reason=Reason.RECALLED_BY_PERSON,
        fence=delivery.fence + 1,
        settled=False,
        next_action_at=None,
        lease_until=None,
    )


def if_recalled(delivery: Delivery, dispatch: Dispatch) -> Delivery:
    """The delivery as it stands in a dispatch that was recalled meanwhile: what would go on is stopped."""
    if dispatch.step is not Step.RECALLED or delivery.state not in _HARMLESS or _shown_sent(delivery):
        return delivery
    return after_recall(delivery, (), ())


def unstarted(delivery: Delivery, attempts: Iterable[Attempt]) -> Sequence[Attempt]:
    """The attempts in hand that have not touched the network."""
    return [one for one in _in_hand(delivery, attempts) if one.started_at is None]


def beyond_the_exchange(attempts: Sequence[Attempt], left: Sequence[Entry]) -> Sequence[Attempt]:
    """The attempts that left, may have or still may, or that a clerk has, and that left nothing in our exchange."""
    begun = [one for one in attempts if one.started_at is not None and one.result in _LEAVING]
    here = {one.id for one in left}
    return [one for one in begun if token_of(one.reference) not in here]


def containment(
    delivery: Delivery,
    attempts: Sequence[Attempt],
    left: Sequence[Entry],
    removed: Collection[str] = frozenset(),
) -> Containment:
    """What the recall came to, as things stand: asked again later it may know more.

    removed: the attempts whose uploads were removed from others' exchanges.
    """
    if any(was_taken(one) for one in left):
        return Containment.TAKEN
    elsewhere = {one.id for one in beyond_the_exchange(attempts, left)}
    if delivery.state is not DeliveryState.DELIVERED and elsewhere and elsewhere <= set(removed):
        return Containment.REMOVED
    if _otherwise(attempts, left, {ResultName.HANDED_OVER}) or delivery.state in _STANDS_AS_SENT:
        return Containment.BEYOND_RECALL
    if delivery.state in _OPEN or _shown_sent(delivery):
        return Containment.IN_DOUBT
    if any(one.result is ResultName.GATHERED for one in attempts):
        return Containment.IN_MAIL_ROOM
    return Containment.RETRACTED if left else Containment.STOPPED


def was_taken(entry: Entry) -> bool:
    """Whether the recipient has anything of it."""
    return bool(entry.taken) or entry.acknowledged_at is not None


def _can_be_stopped(delivery: Delivery, attempts: Sequence[Attempt], left: Sequence[Entry]) -> bool:
    match delivery.state:
        case DeliveryState.SENDING:
            return all(one.started_at is None for one in _in_hand(delivery, attempts))
        case DeliveryState.HANDED_OVER | DeliveryState.UNCONFIRMED:
            return bool(left) and not any(map(was_taken, left)) and not _otherwise(attempts, left, _LEFT)
        case _:
            return delivery.state in _HARMLESS and not _shown_sent(delivery)


def _in_hand(delivery: Delivery, attempts: Iterable[Attempt]) -> list[Attempt]:
    return [one for one in attempts if one.fence == delivery.fence and one.result is None]


def _shown_sent(delivery: Delivery) -> bool:
    return delivery.reason is Reason.SHOWN_SENT


def _otherwise(attempts: Iterable[Attempt], left: Iterable[Entry], results: Iterable[ResultName]) -> Sequence[Attempt]:
    """The attempts that ended so and left nothing in the exchange."""
    here, ended = {one.id for one in left}, set(results)
    return [one for one in attempts if one.result in ended and token_of(one.reference) not in here]
