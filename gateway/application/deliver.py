"""Delivering: claim due deliveries, make their attempts side by side, record each outcome by itself."""

import asyncio
import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence

from gateway.application.large import LargeGate
from gateway.domain.delivery import Attempt, Delivery
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database

Claimed = tuple[Delivery, Attempt]


class ClaimDeliveries:
    """Takes due deliveries under a lease and writes their attempts, in one transaction, before any network call."""

    def __init__(
        self, *, database: Database, channels: Mapping[str, Channel], lease: dt.timedelta, clock: Clock
    ) -> None:
        self._database = database
        self._channels = channels
        self._lease = lease
        self._clock = clock

    def __call__(self, limit: int) -> Sequence[Claimed]:
        """At most `limit` deliveries, the earliest due first, each with its new attempt."""
        now = self._clock.now()
        with self._database.write() as tx:
            deliveries = tx.deliveries.claim(now=now, lease=self._lease, limit=limit)
            earlier = tx.deliveries.attempts_of([one.id for one in deliveries])
            claimed = [(one, self._attempt(one, earlier.get(one.id, ()), now)) for one in deliveries]
            for _, attempt in claimed:
                tx.deliveries.add_attempt(attempt)
        return claimed

    def _attempt(self, delivery: Delivery, earlier: Sequence[Attempt], now: dt.datetime) -> Attempt:
        channel = delivery.channel or ""
        reference = next((one.reference for one in earlier if one.channel == channel), None)
        return Attempt(
            id=str(uuid.uuid4()),
            delivery=delivery.id,
            number=len(earlier) + 1,
            channel=channel,
            fence=delivery.fence,
            reference=reference or self._mint(channel),
            claimed_at=now,
        )

    def _mint(self, channel: str) -> str:
        known = self._channels.get(channel)
        return known.mint_reference() if known else uuid.uuid4().hex


class Deliver:
    """Makes claimed attempts side by side, a bounded number at a time; large ones one at a time."""

    def __init__(
        self,
        *,
        make: Callable[[Delivery, Attempt], Awaitable[None]],
        size: Callable[[Delivery], int],
        concurrency: int,
        large: LargeGate,
    ) -> None:
        self._make = make
        self._size = size
        self._some = asyncio.Semaphore(concurrency)
        self._large = large

    async def __call__(self, delivery: Delivery, attempt: Attempt) -> None:
        """Makes one attempt when its turn comes."""
        size = await asyncio.to_thread(self._size, delivery)
        async with self._large.async_turn(size), self._some:
            await self._make(delivery, attempt)
