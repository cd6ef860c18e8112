"""What it bears on a delivery that its papers were taken from the exchange, whichever is on record first: the taking,
or the end of the attempt that left them there.

Papers can be taken from the moment they lie there, which is before the attempt's end is written; where its worker dies
in between, long before.
"""

from gateway.application.recipients.addressed import went_elsewhere
from gateway.domain.bearing import after_taking
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.dispatch import Step
from gateway.domain.exchange import Entry
from gateway.domain.reference import token_of
from gateway.ports.database import Transaction


def bear_taking(tx: Transaction, delivery: Delivery, attempt: Attempt, entry: Entry, *, recalled: bool) -> None:
    """Writes the delivery, which the caller has locked, as what was taken of its entry leaves it. An attempt that is on
    its way still stays so: its end asks again."""
    elsewhere = went_elsewhere(tx, attempt) or (entry.retracted_at is not None and not recalled)
    moved = delivery if elsewhere else after_taking(delivery, whole=entry.collected)
    if moved != delivery:
        tx.deliveries.save(moved)


def bear_earlier_taking(tx: Transaction, delivery: Delivery, attempt: Attempt) -> None:
    """The same at the end of an attempt: what was taken by then could not move the delivery. delivery: as it was just
    written, so that whoever takes something at this moment waits, and sees the end."""
    entry = tx.exchange.entry(token_of(attempt.reference))
    if entry is not None and entry.collected:
        recalled = tx.dispatches.get(delivery.dispatch).step is Step.RECALLED
        bear_taking(tx, delivery, attempt, entry, recalled=recalled)
