"""A page that was matched to the wrong delivery, or confirmed as signed by mistake, is taken back.

It proves nothing any more, and its delivery stands as it would without it. What was said, by whom and why stays on
record.
"""

from dataclasses import replace

from gateway.application.people.own_offices import check_delivery
from gateway.application.returns.acknowledgements import PageAct
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, DeliveryEvent, DeliveryState, ResultName, next_state
from gateway.domain.events import EventName
from gateway.domain.problem import Conflict
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.report import Finding
from gateway.domain.service import RECEIVED, SHOWS_SENT
from gateway.ports.database import Transaction
from gateway.ports.incoming import Handling, Incoming
from gateway.ports.records import ReceiptRecord

_CALLED = {
    DeliveryState.HANDED_OVER: Reason.RECEIPT_TAKEN_BACK,
    DeliveryState.UNCONFIRMED: Reason.RECEIPT_TAKEN_BACK,
    DeliveryState.FAILED: Reason.BOUNCED,
}


class TakeBackPage(PageAct):
    """Undoes what a person said of a page; it waits for one again."""

    def __call__(self, incoming_id: str, *, actor: str, reason: str) -> tuple[Incoming, Delivery]:
        """The page, and the delivery that it was of. A match by the page's own code stands; what a person confirmed of
        it does not.

        Raises NoSuchThing (receipt.unknown), Conflict (receipt.not-matched: no person said anything of it that could be
        taken back; retention.expired), InputRefused (request.invalid: no reason), NotAllowed (account.other-office).
        """
        with self._database.write() as tx:
            page = tx.incoming.get(incoming_id, lock=True)
            confirmed = page.handling is Handling.MATCHED
            by_hand = page.matched_by is not None
            said = page.finding is Finding.PAGE_RETURNED and (confirmed or by_hand)
            if not said or page.delivery is None or page.handling not in {Handling.MATCHED, Handling.FOR_PERSON}:
                raise Conflict(Code.RECEIPT_NOT_MATCHED, where=incoming_id)
            check_delivery(tx, page.delivery, actor)
            before = tx.deliveries.get(page.delivery, lock=True)
            event = self._event(tx, page, before, actor=actor, reason=reason)
            after = self._undone(tx, page, before) if confirmed else before
            if after != before:
                tx.deliveries.save(after)
            free = replace(page, finding=Finding.PAGES_UNKNOWN, delivery=None, attempt=None, matched_by=None)
            waiting = replace(free if by_hand else page, handling=Handling.FOR_PERSON)
            tx.incoming.save(waiting)
            moved = {"confirmed": confirmed, "from": before.state.value, "to": after.state.value}
            tx.records.append(replace(event, name=EventName.RECEIPT_TAKEN_BACK, facts={**event.facts, **moved}))
        return waiting, after

    def _undone(self, tx: Transaction, page: Incoming, before: Delivery) -> Delivery:
        """The delivery without the page as proof."""
        receipts = tx.records.receipts_of([before.id])[before.id]
        own = [one for one in receipts if _is_of(one, page)]
        for one in own:
            tx.records.take_back(one.id, at=self._clock.now())
        rest = [one for one in receipts if one not in own]
        if before.state is not DeliveryState.DELIVERED or any(one.receipt.event in RECEIVED for one in rest):
            return before
        attempt = next(one for one in tx.deliveries.attempts(before.id) if one.id == page.attempt)
        event = _event_of(self._stood(tx, page, before), attempt, rest)
        state = next_state(before.state, event)
        if state is DeliveryState.AWAITING_PERSON:
            tx.deliveries.end_attempt(replace(attempt, result=ResultName.GIVEN_TO_PERSON))
        return replace(before, state=state, reason=_CALLED.get(state), settled=False, next_action_at=None)

    def _stood(self, tx: Transaction, page: Incoming, delivery: Delivery) -> DeliveryState:
        """Where the delivery stood when the page was confirmed."""
        said = [
            one
            for one in tx.records.events(delivery.dispatch)
            if one.name is EventName.RECEIPT_CONFIRMED and one.facts.get("incoming") == page.id
        ]
        return DeliveryState(str(said[-1].facts["from"]))


def _is_of(record: ReceiptRecord, page: Incoming) -> bool:
    return (record.receipt.event, record.attempt, record.object_name) == (
        ReceiptEvent.CONTENT_HANDOVER,
        page.attempt,
        page.object_name,
    )


def _event_of(stood: DeliveryState, attempt: Attempt, rest: list[ReceiptRecord]) -> DeliveryEvent:
    if stood is DeliveryState.AWAITING_PERSON:
        return DeliveryEvent.PACKET_TAKEN_BACK
    if any(one.receipt.event is ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE for one in rest):
        return DeliveryEvent.BOUNCED
    left = attempt.result is ResultName.HANDED_OVER or any(one.receipt.event in SHOWS_SENT for one in rest)
    return DeliveryEvent.PROOF_TAKEN_BACK if left else DeliveryEvent.SENDING_TAKEN_BACK
