"""Settles what left us, by the closing rule of its division and channel, or calls a person for what is overdue."""

from dataclasses import replace

from gateway.application.dates.services import Services
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.delivery import STANDING, Delivery
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Problem, ServiceDown
from gateway.domain.proof import ProofKind
from gateway.domain.reasons import Reason
from gateway.domain.settling import Sent, after_look, settles_at, unproven
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_CONFIRMED = Action.CONFIRM_SENT.value


class Settle:
    """Looks at what came back. Safe to run anywhere, any number of times: each delivery is saved under its own lock,
    and what a look comes to follows from what is kept and the time alone."""

    def __init__(self, *, database: Database, services: Services, clock: Clock) -> None:
        self._database = database
        self._services = services
        self._clock = clock

    def __call__(self, limit: int) -> int:
        """How many deliveries were looked at, at most `limit`."""
        with self._database.look_up() as tx:
            due = tx.deliveries.unsettled(now=self._clock.now(), limit=limit)
        for delivery in due:
            try:
                self._look(delivery)
            except ServiceDown:
                raise
            except Problem as problem:
                # Whatever is wrong with one must not keep all others from being settled.
                self._set_aside(delivery, problem)
        return len(due)

    def _set_aside(self, delivery: Delivery, problem: Problem) -> None:
        """What cannot be looked at is for a person, and is looked at again in a day."""
        after = unproven(delivery, self._clock.now())
        with self._database.write() as tx:
            if tx.deliveries.get(delivery.id, lock=True) != delivery:
                return
            tx.deliveries.save(after)
            if delivery.reason is not after.reason:
                self._tell(tx, EventName.RECEIPT_OVERDUE, after, "", cause=problem.code.value)

    def _look(self, delivery: Delivery) -> None:
        now = self._clock.now()
        with self._database.read() as tx:
            dispatch = tx.dispatches.get(delivery.dispatch)
            attempts = tx.deliveries.attempts(delivery.id)
            receipts = tx.records.receipts_of([delivery.id]).get(delivery.id, ())
            key = data_key(tx.registry, dispatch.data_key)
        relied_on = self._services.relied_on(dispatch, delivery, attempts, receipts, key)
        after, rule = unproven(delivery, now), ""
        if relied_on is not None:
            sent, closing = relied_on
            told = sent if settles_at(sent, closing) is not None else self._as_people_say(delivery, sent)
            after, rule = after_look(delivery, told, closing, now), closing.rule
        with self._database.write() as tx:
            if tx.deliveries.get(delivery.id, lock=True) != delivery:
                return  # a report or a person was quicker: it is looked at again
            tx.deliveries.save(after)
            if after.settled:
                self._tell(tx, EventName.DELIVERY_SETTLED, after, rule)
            elif after.reason is Reason.RECEIPT_OVERDUE and delivery.reason is not Reason.RECEIPT_OVERDUE:
                self._tell(tx, EventName.RECEIPT_OVERDUE, after, rule)
            elif delivery.reason is not None and after.reason is None:
                self._tell(tx, EventName.REASON_LIFTED, after, rule, reason=delivery.reason.value)

    def _as_people_say(self, delivery: Delivery, sent: Sent) -> Sent:
        """With what people put down of it: asked where nothing else settles it, which is seldom."""
        with self._database.read() as tx:
            events = tx.records.events(delivery.dispatch)
            papers = tx.proof.of_deliveries([delivery.id])
        explained = [
            one.signed_at
            for one in papers
            if one.kind is ProofKind.EXPLANATION and one.attempt == sent.attempt.id and one.signed_at is not None
        ]
        return replace(
            sent,
            confirmed=any(one.delivery == delivery.id and one.facts.get("action") == _CONFIRMED for one in events),
            explained_at=min(explained, default=None),
        )

    def _tell(self, tx: Transaction, name: EventName, delivery: Delivery, rule: str, **more: str) -> None:
        tx.records.append(
            Event(
                name=name,
                at=self._clock.now(),
                actor="gateway",
                dispatch=delivery.dispatch,
                delivery=delivery.id,
                facts={"rule": rule, "channel": delivery.channel or "", **more},
            )
        )


def to_look_at(delivery: Delivery) -> Delivery:
    """The delivery as one to be looked at again, now that something came: unchanged where nothing hangs on a look."""
    return replace(delivery, next_action_at=None) if delivery.state in STANDING and not delivery.settled else delivery
