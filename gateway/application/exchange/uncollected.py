"""What is not collected in time takes another way; it stays where it lies, and may still be collected."""

from dataclasses import replace

from gateway.domain.delivery import Delivery
from gateway.domain.events import Event, EventName
from gateway.domain.exchange_patience import after_patience
from gateway.ports.clock import Clock
from gateway.ports.database import Database


class MoveUncollected:
    """Looks for what nobody collected. Safe to run anywhere, any number of times."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self, limit: int) -> int:
        """How many entries were looked at, at most `limit`."""
        with self._database.look_up() as tx:
            due = tx.exchange.uncollected(self._clock.now(), limit)
        for entry in due:
            self._look(entry.id)
        return len(due)

    def _look(self, entry_id: str) -> None:
        now = self._clock.now()
        with self._database.write() as tx:
            entry = tx.exchange.entry(entry_id, lock=True)
            if entry is None or entry.collect_by is None:
                return
            tx.exchange.save_entry(replace(entry, collect_by=None))
            delivery = tx.deliveries.get(entry.delivery, lock=True)
            last = tx.deliveries.attempts(delivery.id)[-1]
            after = after_patience(delivery, entry, now) if last.id == entry.attempt else delivery
            if after == delivery:
                return
            tx.deliveries.save(after)
            tx.exchange.end_notice(entry.id)
            tx.records.append(
                Event(
                    name=EventName.EXCHANGE_NOT_COLLECTED,
                    at=now,
                    actor="gateway",
                    dispatch=entry.dispatch,
                    delivery=entry.delivery,
                    attempt=entry.attempt,
                    facts={"account": entry.account, "next": _next(delivery, after)},
                )
            )


def _next(before: Delivery, after: Delivery) -> str:
    """The channel that it goes to; empty: a person is called."""
    return after.channel or "" if after.position != before.position else ""
