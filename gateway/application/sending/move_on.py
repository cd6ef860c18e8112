"""Moves on what waits for a channel that takes nothing: paused or not answering, once the time for it is over; at once
where its carrier stands still, as in a strike.

An attempt that ends decides for itself. Here is what cannot even be attempted: else a pause or an outage of days would
hold a delivery beyond its due date, though it has another way, or a person could still reach the recipient.
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace

from gateway.application.planning.turn_times import TurnTimes
from gateway.domain.breaker import BreakerState
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.far_end import channel_to
from gateway.domain.progress import after_setting_aside, after_waiting
from gateway.domain.reasons import Reason
from gateway.domain.retry import RetryPolicy, turn_ends
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

LOOK_EVERY = dt.timedelta(minutes=1)
"""Between looks of one process; a look reads all that waits for such a destination."""


class MoveOn:
    """Safe to run anywhere, any number of times: each delivery is moved under its own lock."""

    def __init__(
        self,
        *,
        database: Database,
        turns: TurnTimes,
        policy: Callable[[str], RetryPolicy],
        suspended: Callable[[], Collection[str]],
        clock: Clock,
    ) -> None:
        """suspended: the channels whose carrier does not deliver now."""
        self._suspended = suspended
        self._database = database
        self._turns = turns
        self._policy = policy
        self._clock = clock
        self._looks_at = clock.now()

    def __call__(self, limit: int) -> int:
        """How many deliveries were moved on, at most `limit`."""
        now = self._clock.now()
        if now < self._looks_at:
            return 0
        moved, suspended = 0, self._suspended()
        with self._database.look_up() as tx:
            closed = _closed(tx, now, suspended)
            waiting = [one for destination in closed for one in tx.deliveries.waiting_for(destination)]
        until = self._turns.until(waiting)
        for delivery in waiting:
            if moved == limit:
                return moved  # the rest at the next call
            if delivery.channel in suspended:
                moved += self._move(delivery, _elsewhere(delivery, now))
                continue
            begins = until[delivery.id]
            # No turn ends before that, and most end long after: the rest is only asked of those few.
            if begins is not None and begins <= now and self._is_over(delivery, now):
                moved += self._move(delivery, after_waiting(delivery, now))
        self._looks_at = now + LOOK_EVERY
        return moved

    def _is_over(self, delivery: Delivery, now: dt.datetime) -> bool:
        ends = turn_ends(self._policy(delivery.channel or ""), self._turns(delivery))
        return ends is not None and ends <= now

    def _move(self, delivery: Delivery, after: Delivery) -> bool:
        with self._database.write() as tx:
            if tx.deliveries.get(delivery.id, lock=True) != delivery:
                return False  # somebody was quicker
            tx.deliveries.save(after)
            facts = {"channel": delivery.channel or "", "reason": str(after.reason), "to": after.state.value}
            tx.records.append(
                Event(
                    name=EventName.CHANNEL_GIVEN_UP,
                    at=self._clock.now(),
                    actor="gateway",
                    dispatch=delivery.dispatch,
                    delivery=delivery.id,
                    facts=facts,
                )
            )
        return True


def _elsewhere(delivery: Delivery, now: dt.datetime) -> Delivery:
    """The delivery on its next way, or with a person. A time in which it may still be recalled, before anything was
    tried, is not cut short; the wait for another try is over."""
    after = after_setting_aside(delivery, Reason.CARRIER_SUSPENDED, now)
    held = delivery.state is after.state is DeliveryState.READY and delivery.next_action_at is not None
    return replace(after, next_action_at=max(now, delivery.next_action_at or now)) if held else after


def _closed(tx: Transaction, now: dt.datetime, suspended: Collection[str]) -> list[str]:
    """The destinations that do not answer, or whose channel is paused or has a carrier that stands still."""
    stopped = {one.channel for one in tx.registry.pauses() if one.until > now} | set(suspended)
    silent = {one.name for one in tx.destinations.all() if one.breaker.state is not BreakerState.CLOSED}
    return [one for one in tx.deliveries.waiting() if one in silent or channel_to(one) in stopped]
