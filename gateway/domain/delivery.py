"""A delivery and its attempts: states as one table, and the values that move through it.

`TRANSITIONS` is the whole state machine: a state and an event that are not in it together are refused,
so that a late or repeated event never moves a delivery by accident.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.codes import Code
from gateway.domain.failures import AttemptFailure
from gateway.domain.far_end import destination_of
from gateway.domain.parties import PreferredLanguage, Role
from gateway.domain.problem import Conflict
from gateway.domain.reasons import Reason


class DeliveryState(StrEnum):
    """Where a delivery stands (INTERFACE.md)."""

    PLANNED = "planned"
    NEEDS_PERSON = "needs-person"
    HELD = "held"
    READY = "ready"
    SENDING = "sending"
    DEFERRED = "deferred"
    UNCONFIRMED = "unconfirmed"
    BATCHED = "batched"
    AWAITING_PERSON = "awaiting-person"
    HANDED_OVER = "handed-over"
    DELIVERED = "delivered"
    FAILED = "failed"
    RECALLED = "recalled"
    CANCELLED = "cancelled"


class DeliveryEvent(StrEnum):
    """What can happen to a delivery."""

    RENDERED = "rendered"
    PERSON_NEEDED = "person-needed"
    CLAIMED = "claimed"
    LEASE_LAPSED_UNSTARTED = "lease-lapsed-unstarted"
    LEASE_LAPSED_STARTED = "lease-lapsed-started"
    HANDED_OVER = "handed-over"
    GATHERED = "gathered"
    """It lies ready to be taken away together with others."""
    UNFIT = "unfit"
    """What was made to be taken away cannot go as it is: it is made anew."""
    GIVEN_TO_PERSON = "given-to-person"
    """A clerk has it, and will tell whether they handed it over."""
    RETRY_DUE = "retry-due"
    END_UNKNOWN = "end-unknown"
    NEXT_CHANNEL = "next-channel"
    WAYS_EXHAUSTED = "ways-exhausted"
    CONFIRMED_SENT = "confirmed-sent"
    CONFIRMED_NOT_SENT = "confirmed-not-sent"
    RETRY_ASKED = "retry-asked"
    RELEASED = "released"
    HELD = "held"
    REROUTED = "rerouted"
    SERVICE_RECORDED = "service-recorded"
    CANCELLED = "cancelled"
    RECALLED = "recalled"
    READDRESSED = "readdressed"
    RE_SERVED = "re-served"
    SHOWN_SENT = "shown-sent"
    """A receipt shows that the carrier has it."""
    BOUNCED = "bounced"
    """A receipt says that it will not reach the recipient."""
    TAKEN = "taken"
    """A receipt proves that the recipient has it."""
    NOT_COLLECTED = "not-collected"
    """What was left in the exchange was not collected in time: the one want of a receipt that starts another way."""
    PROOF_TAKEN_BACK = "proof-taken-back"
    """A person confirmed what is no proof: that it was sent is known, and no more."""
    PACKET_TAKEN_BACK = "packet-taken-back"
    """The same of a packet: whether it was handed over, its clerk will tell."""
    SENDING_TAKEN_BACK = "sending-taken-back"
    """The same, where nothing else shows that it was sent: a person settles that before anything is sent again."""


_S, _E = DeliveryState, DeliveryEvent

TRANSITIONS: Mapping[DeliveryState, Mapping[DeliveryEvent, DeliveryState]] = {
    _S.PLANNED: {
        _E.RENDERED: _S.READY,
        _E.PERSON_NEEDED: _S.NEEDS_PERSON,
        _E.HELD: _S.HELD,
        _E.CANCELLED: _S.CANCELLED,
        _E.RECALLED: _S.RECALLED,
    },
    _S.NEEDS_PERSON: {
        _E.RETRY_ASKED: _S.PLANNED,
        _E.RELEASED: _S.PLANNED,
        _E.REROUTED: _S.READY,
        _E.SERVICE_RECORDED: _S.DELIVERED,
        _E.CANCELLED: _S.CANCELLED,
        _E.RECALLED: _S.RECALLED,
        _E.READDRESSED: _S.PLANNED,
        # Only of what a receipt showed to have been sent after all.
        _E.CONFIRMED_SENT: _S.HANDED_OVER,
        _E.CONFIRMED_NOT_SENT: _S.PLANNED,
    },
    # Planned anew when it is released: rules, parties and keys may have moved on meanwhile.
    _S.HELD: {
        _E.RELEASED: _S.PLANNED,
        _E.READDRESSED: _S.PLANNED,
        _E.SERVICE_RECORDED: _S.DELIVERED,
        _E.CANCELLED: _S.CANCELLED,
        _E.RECALLED: _S.RECALLED,
    },
    # A channel that takes nothing is left when the time for it is over. A receipt for what was believed unsent: it is
    # not sent once more before a person has looked.
    _S.READY: {
        _E.CLAIMED: _S.SENDING,
        _E.NEXT_CHANNEL: _S.READY,
        _E.PERSON_NEEDED: _S.NEEDS_PERSON,
        _E.SHOWN_SENT: _S.NEEDS_PERSON,
        _E.TAKEN: _S.NEEDS_PERSON,
        _E.HELD: _S.HELD,
        _E.REROUTED: _S.READY,
        _E.SERVICE_RECORDED: _S.DELIVERED,
        _E.CANCELLED: _S.CANCELLED,
        _E.RECALLED: _S.RECALLED,
    },
    _S.DEFERRED: {
        _E.CLAIMED: _S.SENDING,
        _E.NEXT_CHANNEL: _S.READY,
        _E.PERSON_NEEDED: _S.NEEDS_PERSON,
        _E.SHOWN_SENT: _S.NEEDS_PERSON,
        _E.TAKEN: _S.NEEDS_PERSON,
        _E.HELD: _S.HELD,
        _E.REROUTED: _S.READY,
        _E.SERVICE_RECORDED: _S.DELIVERED,
        _E.CANCELLED: _S.CANCELLED,
        _E.RECALLED: _S.RECALLED,
    },
    _S.SENDING: {
        _E.HANDED_OVER: _S.HANDED_OVER,
        _E.GATHERED: _S.BATCHED,
        _E.GIVEN_TO_PERSON: _S.AWAITING_PERSON,
        _E.RETRY_DUE: _S.DEFERRED,
        _E.END_UNKNOWN: _S.UNCONFIRMED,
        _E.NEXT_CHANNEL: _S.READY,
        _E.WAYS_EXHAUSTED: _S.FAILED,
        _E.PERSON_NEEDED: _S.NEEDS_PERSON,
        _E.LEASE_LAPSED_UNSTARTED: _S.READY,
        _E.LEASE_LAPSED_STARTED: _S.UNCONFIRMED,
        # Only of what has not started, and of what lies untaken in the exchange.
        _E.RECALLED: _S.RECALLED,
    },
    _S.UNCONFIRMED: {
        _E.CONFIRMED_SENT: _S.HANDED_OVER,
        _E.CONFIRMED_NOT_SENT: _S.READY,
        _E.SHOWN_SENT: _S.HANDED_OVER,
        _E.TAKEN: _S.DELIVERED,
        _E.BOUNCED: _S.FAILED,
        _E.SERVICE_RECORDED: _S.DELIVERED,
        _E.RECALLED: _S.RECALLED,
    },
    # In the batch that a carrier will take, in a closed manifest or before. What leaves this state is in the batch no
    # more. Of receipts the same holds as of what is ready.
    _S.BATCHED: {
        _E.HANDED_OVER: _S.HANDED_OVER,
        _E.UNFIT: _S.READY,
        _E.NEXT_CHANNEL: _S.READY,
        _E.PERSON_NEEDED: _S.NEEDS_PERSON,
        _E.SHOWN_SENT: _S.NEEDS_PERSON,
        _E.TAKEN: _S.NEEDS_PERSON,
        _E.HELD: _S.HELD,
        _E.REROUTED: _S.READY,
        _E.SERVICE_RECORDED: _S.DELIVERED,
        _E.CANCELLED: _S.CANCELLED,
        _E.RECALLED: _S.RECALLED,
    },
    # It may have gone by the clerk's hand: nothing else is done with it before they have said.
    _S.AWAITING_PERSON: {
        _E.CONFIRMED_SENT: _S.HANDED_OVER,
        _E.CONFIRMED_NOT_SENT: _S.NEEDS_PERSON,
        _E.SERVICE_RECORDED: _S.DELIVERED,
    },
    _S.HANDED_OVER: {
        _E.BOUNCED: _S.FAILED,
        _E.TAKEN: _S.DELIVERED,
        _E.SERVICE_RECORDED: _S.DELIVERED,
        _E.NOT_COLLECTED: _S.READY,
        _E.RECALLED: _S.RECALLED,
        _E.RE_SERVED: _S.PLANNED,
    },
    _S.DELIVERED: {
        _E.BOUNCED: _S.FAILED,
        _E.PROOF_TAKEN_BACK: _S.HANDED_OVER,
        _E.PACKET_TAKEN_BACK: _S.AWAITING_PERSON,
        _E.SENDING_TAKEN_BACK: _S.UNCONFIRMED,
    },
    _S.FAILED: {
        _E.RETRY_ASKED: _S.READY,
        _E.READDRESSED: _S.PLANNED,
        _E.RE_SERVED: _S.PLANNED,
        _E.REROUTED: _S.READY,
        _E.SERVICE_RECORDED: _S.DELIVERED,
        _E.CANCELLED: _S.CANCELLED,
        _E.RECALLED: _S.RECALLED,
    },
    # It had left after all: nothing is sent again, and what became of it is told plainly.
    _S.RECALLED: {_E.SHOWN_SENT: _S.HANDED_OVER, _E.TAKEN: _S.DELIVERED, _E.BOUNCED: _S.FAILED},
    _S.CANCELLED: {},
}

NEEDING_PERSON = frozenset({_S.NEEDS_PERSON, _S.UNCONFIRMED, _S.FAILED, _S.AWAITING_PERSON})
"""States in which nothing more happens until a person acts; `needs_person` knows the exceptions."""

STANDING = frozenset({_S.HANDED_OVER, _S.DELIVERED})
"""States in which it has left us, as far as is known: what is waited for is its closing rule."""

OWED = frozenset(DeliveryState) - {_S.HANDED_OVER, _S.DELIVERED, _S.RECALLED, _S.CANCELLED}
"""States in which nothing is known to have been sent: the service standard still runs."""


CALLING = frozenset(
    {
        Reason.RECEIPT_OVERDUE,
        Reason.RECEIPT_TAKEN_BACK,
        Reason.MAIL_HELD,
        Reason.MAIL_UNSIGNED,
        Reason.MAIL_NOT_CLOSED,
        Reason.MAIL_NOT_SIGNED,
        Reason.MAIL_PRINT_DOUBTED,
        Reason.CARRIER_REFUSED,
    }
)
"""Reasons that call a person for what has left us, or lies ready for a carrier that will not be told of it."""

CAME_BACK = frozenset({Reason.MAIL_RETURNED, Reason.MAIL_REFUSED, Reason.MAIL_UNDELIVERABLE})
"""Reasons of mail that did not reach its recipient: it is served again, or a person decides otherwise."""


def needs_person(delivery: "Delivery") -> bool:
    """Whether a person has to see to it: nothing more happens without one, or what should have come back did not.

    What may have been sent still has its time for a report, or for its carrier to be asked, while it has a next action.
    """
    if delivery.state is DeliveryState.UNCONFIRMED:
        return delivery.next_action_at is None
    return delivery.state in NEEDING_PERSON or delivery.reason in CALLING


def next_state(state: DeliveryState, event: DeliveryEvent) -> DeliveryState:
    """The state after the event. Raises `Conflict` (delivery.action-not-possible) when the table has no such pair."""
    after = TRANSITIONS[state].get(event)
    if after is None:
        raise Conflict(Code.DELIVERY_ACTION_NOT_POSSIBLE, state=state.value, action=event.value)
    return after


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """The carrier took it. `words` is the carrier's own answer, sealed when stored."""

    words: str
    dsn_asked: bool = False


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """It lies ready for its carrier, to be taken away with others: nothing was handed over, and nothing left us."""

    words: str = ""
    """No carrier has said anything."""


@dataclass(frozen=True, kw_only=True)
class GivenToPerson:
    """It lies ready for a clerk, who hands it over: nothing has left us. `words`: where it lies."""

    words: str = ""


AttemptResult = HandedOver | Gathered | GivenToPerson | AttemptFailure


class ResultName(StrEnum):
    """How an attempt ended, as the interface names it."""

    HANDED_OVER = "handed-over"
    GATHERED = "gathered"
    """It is written over by the handover, once there is one."""
    GIVEN_TO_PERSON = "given-to-person"
    """It is written over by what the clerk says."""
    NOT_SENT = "not-sent"
    MAYBE_SENT = "maybe-sent"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One participant's copy of a dispatch, whatever channels it takes.

    `plan` are the channels in order and `position` the one in use. `fence` grows at each claim: only the holder
    of the newest fence may record. `attempts` counts the tries of the channel in use. `server`: the recipient's own,
    to which uploads for them go, if they have one.
    """

    id: str
    dispatch: str
    participant: str
    roles: tuple[Role, ...]
    recipient: str | None
    language: PreferredLanguage
    state: DeliveryState
    reason: Reason | None
    plan: tuple[str, ...]
    position: int = 0
    server: str | None = None
    attempts: int = 0
    fence: int = 0
    settled: bool = False
    due: dt.date | None = None
    next_action_at: dt.datetime | None = None
    lease_until: dt.datetime | None = None

    @property
    def channel(self) -> str | None:
        """The channel in use, if the plan has one."""
        return self.plan[self.position] if self.position < len(self.plan) else None

    @property
    def destination(self) -> str | None:
        """The far end that the channel in use speaks to, if the plan has one."""
        return None if self.channel is None else destination_of(self.channel, self.server)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of one delivery through one channel.

    `reference` is minted before sending and reused by every try of the same delivery and channel, so that a carrier
    and a reader recognise a repeat. `started_at` is written just before the network call.
    """

    id: str
    delivery: str
    number: int
    channel: str
    fence: int
    reference: str
    claimed_at: dt.datetime
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    result: ResultName | None = None
    reason: Reason | None = None
    words: bytes | None = None
    """The carrier's words, sealed under the package's key."""
    sent_digest: str | None = None
    sent_object: str | None = None

    @property
    def may_have_left(self) -> bool:
        """Whether the papers left by it, or nobody can say that they did not."""
        return self.started_at is not None and self.result not in _DID_NOT_LEAVE


_DID_NOT_LEAVE = frozenset({ResultName.NOT_SENT, ResultName.REFUSED, ResultName.MISCONFIGURED})
