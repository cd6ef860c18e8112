"""Leases that ran out: an attempt that had started is unconfirmed; one that had not is simply due again."""

from collections.abc import Callable
from dataclasses import replace

from gateway.application.exchange.taking import bear_earlier_taking
from gateway.domain.delivery import Attempt, Delivery, ResultName
from gateway.domain.events import Event, EventName
from gateway.domain.progress import after_lapse
from gateway.domain.reasons import Reason
from gateway.domain.retry import RetryPolicy
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


class Reconcile:
    """Settles lapsed leases. Safe to run anywhere, any number of times."""

    def __init__(
        self, *, database: Database, policy: Callable[[str], RetryPolicy], most_lapses: int, clock: Clock
    ) -> None:
        self._database = database
        self._policy = policy
        self._most_lapses = most_lapses
        self._clock = clock

    def __call__(self, limit: int) -> int:
        """How many deliveries were settled, at most `limit`."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            if not tx.deliveries.lapsed(now=now, limit=1):
                return 0
        with self._database.write() as tx:
            lapsed = tx.deliveries.lapsed(now=now, limit=limit, lock=True)
            attempts = tx.deliveries.attempts_of([delivery.id for delivery in lapsed])
            for delivery in lapsed:
                self._settle(tx, delivery, list(attempts.get(delivery.id, ())))
        return len(lapsed)

    def _settle(self, tx: Transaction, delivery: Delivery, attempts: list[Attempt]) -> None:
        now = self._clock.now()
        open_ = [one for one in attempts if one.fence == delivery.fence and one.result is None]
        started = any(one.started_at is not None for one in open_)
        lapses = len(open_) + sum(
            one.result is ResultName.NOT_SENT and one.reason is Reason.LEASE_LAPSED for one in attempts
        )
        result = ResultName.MAYBE_SENT if started else ResultName.NOT_SENT
        policy = self._policy(delivery.channel or "")
        most = self._most_lapses
        after = after_lapse(delivery, started=started, lapses=lapses, most_lapses=most, policy=policy, now=now)
        tx.deliveries.save(after)
        for attempt in open_:
            tx.deliveries.end_attempt(replace(attempt, finished_at=now, result=result, reason=Reason.LEASE_LAPSED))
            bear_earlier_taking(tx, after, attempt)
        tx.records.append(
            Event(
                name=EventName.LEASE_LAPSED,
                at=now,
                actor="gateway",
                dispatch=delivery.dispatch,
                delivery=delivery.id,
                attempt=open_[0].id if open_ else None,
                facts={"result": result.value},
            )
        )
