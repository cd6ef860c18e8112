"""What is not collected in time takes another way; it stays where it lies, and may still be collected."""

import datetime as dt
from contextlib import suppress
from dataclasses import replace

from gateway.application.exchange.witness import Seen, witnessed
from gateway.application.sealed import Vault
from gateway.domain.delivery import Delivery
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import Entry
from gateway.domain.exchange_patience import after_patience
from gateway.domain.receipt import EXCHANGE, Receipt, ReceiptEvent
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


class MoveUncollected:
    """Looks for what nobody collected. Safe to run anywhere, any number of times."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, limit: int) -> int:
        """How many entries were looked at, at most `limit`."""
        with self._database.look_up() as tx:
            due = tx.exchange.uncollected(self._clock.now(), limit)
        for entry in due:
            self._look(entry)
        return len(due)

    def _look(self, due: Entry) -> None:
        now = self._clock.now()
        said = {"account": due.account, "entry": due.id, "act": "not-collected", "at": now.isoformat()}
        with suppress(_StaysAsItIs), witnessed(self._database, self._vault, said) as seen:
            with self._database.write() as tx:
                moved = _moved(tx, due.id, now, seen)
            if not moved:
                raise _StaysAsItIs


class _StaysAsItIs(Exception):  # noqa: N818
    """It was collected, moved on or settled meanwhile: nothing is to be told of it."""


def _moved(tx: Transaction, entry_id: str, now: dt.datetime, seen: Seen) -> bool:
    """Whether it goes another way from now on, or to a person; it is looked at once."""
    entry = tx.exchange.entry(entry_id, lock=True)
    if entry is None or entry.collect_by is None:
        return False
    tx.exchange.save_entry(replace(entry, collect_by=None))
    delivery = tx.deliveries.get(entry.delivery, lock=True)
    last = tx.deliveries.attempts(delivery.id)[-1]
    after = after_patience(delivery, entry, now) if last.id == entry.attempt else delivery
    if after == delivery:
        return False
    tx.deliveries.save(after)
    tx.exchange.end_notice(entry.id)
    event = ReceiptEvent.CONTENT_HANDOVER_FAILURE
    receipt = Receipt(event=event, at=now, source=EXCHANGE, evidence=seen.digest)
    tx.records.add_receipt(seen.record(entry, receipt))
    tx.records.append(
        Event(
            name=EventName.EXCHANGE_NOT_COLLECTED,
            at=now,
            actor="gateway",
            dispatch=entry.dispatch,
            delivery=entry.delivery,
            attempt=entry.attempt,
            facts={"account": entry.account, "next": _next(delivery, after), "evidence": seen.digest},
        )
    )
    return True


def _next(before: Delivery, after: Delivery) -> str:
    """The channel that it goes to; empty: a person is called."""
    return after.channel or "" if after.position != before.position else ""
