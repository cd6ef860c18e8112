"""What waited for a person and no longer has to: planned anew, by how things stand now."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from gateway.application.acts.resolve import planned_again
from gateway.application.exchange.withdraw import left_for
from gateway.domain.delivery import Delivery, DeliveryEvent, DeliveryState, next_state
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event, EventName
from gateway.domain.reasons import Reason
from gateway.ports.database import Database, Transaction

_OTHERS_RECEIVE = frozenset({Reason.COUNSEL_REMOVED, Reason.DESIGNATION_ENDED})
"""Whom they stood for receives instead: at the address of the signed package, and by whatever the rules say."""

Facts = Mapping[str, str | int | bool]


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


def plan_for_others(
    tx: Transaction, dispatch: Dispatch, reason: Reason, *, because: Facts, actor: str, now: dt.datetime
) -> None:
    """Has the dispatch, which is held, planned again where somebody else receives instead of who is stopped for that
    reason. What is planned or sent already stands. because: whose word it was, for the record."""
    if reason not in _OTHERS_RECEIVE or dispatch.step is Step.RECALLED:
        return
    tx.dispatches.save(planned_again(dispatch, now))
    facts = {**because, "action": "parties-changed", "reason": reason.value}
    tx.records.append(Event(name=EventName.DISPATCH_RETRIED, at=now, actor=actor, dispatch=dispatch.id, facts=facts))


def others_planned(database: Database, stopped: Delivery, *, now: dt.datetime) -> None:
    """The same once a delivery was stopped just before it was sent. Beside the stop, not with it: locks go in one
    order, the dispatch first. What a crash in between leaves undone a person finds, who is called in any case."""
    if stopped.state is DeliveryState.NEEDS_PERSON and stopped.reason in _OTHERS_RECEIVE:
        with database.write() as tx:
            dispatch = tx.dispatches.get(stopped.dispatch, lock=True)
            plan_for_others(tx, dispatch, stopped.reason, because={}, actor="gateway", now=now)
