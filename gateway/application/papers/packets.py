"""What is printed for the person who hands papers over: the sealed packet of the attempt, and nothing made anew."""

from gateway.application import contexts
from gateway.application.people.own_offices import check_dispatch
from gateway.application.sealed import Vault, package_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, DeliveryState, ResultName
from gateway.domain.dispatch import Step
from gateway.domain.events import Event, EventName
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_PRINT = "packet"
"""The act, as a refusal names it."""


class PrintPacket:
    """Gives out the packet of a delivery that waits to be handed over, and records to whom."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, delivery_id: str, *, actor: str) -> bytes:
        """The packet as PDF; the same bytes each time.

        Raises NoSuchThing (delivery.unknown), Conflict (dispatch.recalled, retention.expired,
        delivery.action-not-possible: nobody is to hand it over, or not as it was planned), SetupWrong (seal.*),
        NotAllowed (account.other-office).
        """
        with self._database.write() as tx:
            delivery = tx.deliveries.get(delivery_id, lock=True)
            dispatch = check_dispatch(tx, tx.dispatches.get(delivery.dispatch), actor)
            if dispatch.step is Step.RECALLED:
                raise Conflict(Code.DISPATCH_RECALLED, where=dispatch.id)
            attempt = in_hand(tx, delivery)
            if attempt is None or delivery.reason is not None:  # what was said since holds it back
                raise Conflict(Code.DELIVERY_ACTION_NOT_POSSIBLE, state=delivery.state.value, action=_PRINT)
            key = package_key(tx.registry, dispatch)
            tx.records.append(
                Event(
                    name=EventName.PACKET_PRINTED,
                    at=self._clock.now(),
                    actor=actor,
                    dispatch=dispatch.id,
                    delivery=delivery.id,
                    attempt=attempt.id,
                    facts={"sent": attempt.sent_digest or ""},
                )
            )
        return self._vault.get(key, contexts.sent(attempt.id), attempt.sent_object or "")


def in_hand(tx: Transaction, delivery: Delivery) -> Attempt | None:
    """The attempt whose packet a person is to hand over; None: there is none."""
    if delivery.state is not DeliveryState.AWAITING_PERSON:
        return None
    last = tx.deliveries.attempts(delivery.id)[-1]
    by_hand = last.channel == ChannelName.HAND_DELIVERY and last.result is ResultName.GIVEN_TO_PERSON
    return last if by_hand else None
