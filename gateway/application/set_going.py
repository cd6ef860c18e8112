"""What waited for a person and no longer has to: planned anew, by how things stand now."""

import datetime as dt
from dataclasses import replace

from gateway.application.exchange.withdraw import left_for
from gateway.application.resolve import planned_again
from gateway.domain.delivery import Delivery, DeliveryEvent, next_state
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.ports.database import Transaction


def held_with_dispatch(tx: Transaction, delivery_id: str) -> tuple[Dispatch, Delivery]:
    """Both locked, the dispatch first and between them what lies in the exchange: whoever changes several takes them in
    this order, and nobody waits for ever.

    Raises NoSuchThing (delivery.unknown).
    """
    dispatch = tx.dispatches.get(tx.deliveries.get(delivery_id).dispatch, lock=True)
    left_for(tx, tx.deliveries.attempts(delivery_id), lock=True)
    return dispatch, tx.deliveries.get(delivery_id, lock=True)


def set_going(tx: Transaction, delivery: Delivery, *, because: str, actor: str, now: dt.datetime) -> None:
    """The delivery, held with its dispatch, is planned again. because: what ended the waiting, for the record."""
    state = next_state(delivery.state, DeliveryEvent.RETRY_ASKED)
    tx.deliveries.save(replace(delivery, state=state, reason=None, attempts=0, next_action_at=None))
    tx.dispatches.save(planned_again(tx.dispatches.get(delivery.dispatch, lock=True), now))
    facts: dict[str, str | int | bool] = {"action": because, "from": delivery.state.value, "to": state.value}
    name = EventName.DELIVERY_RESOLVED
    tx.records.append(
        Event(name=name, at=now, actor=actor, dispatch=delivery.dispatch, delivery=delivery.id, facts=facts)
    )
