"""Claiming what is due to be delivered, each with the attempt that is to be made."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from itertools import count

from gateway.application.sending.destinations import Destinations
from gateway.domain.delivery import Attempt, Delivery, ResultName
from gateway.domain.destination import after_taking, allowance
from gateway.domain.problem import ServiceDown
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

Claimed = tuple[Delivery, Attempt]


class ClaimDeliveries:
    """Takes due deliveries under a lease and writes their attempts, in one transaction, before any network call.

    For each destination no more than it can take now, of all workers together: what it cannot take is not touched,
    spends nothing and holds up nothing else.
    """

    def __init__(
        self,
        *,
        database: Database,
        channels: Mapping[str, Channel],
        destinations: Destinations,
        lease: dt.timedelta,
        clock: Clock,
    ) -> None:
        self._database = database
        self._channels = channels
        self._destinations = destinations
        self._lease = lease
        self._clock = clock
        self._round = count()

    def __call__(self, limit: int) -> Sequence[Claimed]:
        """At most `limit` deliveries, for each destination the earliest due first, each with its new attempt."""
        with self._database.look_up() as tx:
            waiting = tx.deliveries.waiting()
        claimed: list[Claimed] = []
        for destination in self._in_turn(waiting):
            try:
                claimed += self._for(destination, limit - len(claimed))
            except ServiceDown:
                if not claimed:
                    raise
                break  # what was claimed before is ours, and is worked on
            if len(claimed) >= limit:
                break
        return claimed

    def _in_turn(self, destinations: Sequence[str]) -> Sequence[str]:
        """Another one first each time: one with much to do must not take every place from the rest."""
        first = next(self._round) % len(destinations) if destinations else 0
        return [*destinations[first:], *destinations[:first]]

    def _for(self, destination: str, limit: int) -> Sequence[Claimed]:
        now, limits = self._clock.now(), self._destinations.limits(destination)
        with self._database.write() as tx:
            # Held until the claim is written, so that no two workers take the same room.
            standing = tx.destinations.get(destination, lock=True)
            allowed = allowance(standing, limits, in_flight=tx.deliveries.in_flight(destination), now=now)
            if allowed.count == 0:
                return ()
            deliveries = tx.deliveries.claim(destination, now=now, lease=self._lease, limit=min(limit, allowed.count))
            earlier = tx.deliveries.attempts_of([one.id for one in deliveries])
            repeated = _repeated(tx, deliveries, earlier)
            claimed = [
                (one, self._attempt(one, len(earlier.get(one.id, ())) + 1, repeated.get(one.id, ()), now))
                for one in deliveries
            ]
            for _, attempt in claimed:
                tx.deliveries.add_attempt(attempt)
            after = after_taking(standing, limits, allowed, tuple(attempt.id for _, attempt in claimed), now)
            if after != standing:
                tx.destinations.save(after)
        return claimed

    def _attempt(self, delivery: Delivery, number: int, repeated: Sequence[Attempt], now: dt.datetime) -> Attempt:
        """repeated: the attempts of which this one would be a repeat, oldest first."""
        channel = delivery.channel or ""
        last = next((one for one in reversed(repeated) if one.channel == channel), None)
        keeps = last is not None and self._keeps_reference(last)
        reference = last.reference if last is not None and keeps else self._mint(channel)
        return Attempt(
            id=str(uuid.uuid4()),
            delivery=delivery.id,
            number=number,
            channel=channel,
            fence=delivery.fence,
            reference=reference,
            claimed_at=now,
        )

    def _keeps_reference(self, last: Attempt) -> bool:
        known = self._channels.get(last.channel)
        if known is None:
            return True
        able = known.capabilities
        return able.keeps_reference and not (able.new_reference_once_left and last.result in _LEFT)

    def _mint(self, channel: str) -> str:
        known = self._channels.get(channel)
        return known.mint_reference() if known else uuid.uuid4().hex


_LEFT = frozenset({ResultName.HANDED_OVER, ResultName.GIVEN_TO_PERSON})


def _repeated(
    tx: Transaction, deliveries: Sequence[Delivery], earlier: Mapping[str, Sequence[Attempt]]
) -> Mapping[str, Sequence[Attempt]]:
    """By delivery, the earlier attempts that a new one would repeat: none that went to another address, nor to the
    directory's entry as it stood before it was changed."""
    tried = [one for one in deliveries if earlier.get(one.id)]
    moved = {name: one.fence for name, one in tx.addresses.of_deliveries([one.id for one in tried]).items()}
    entries = {name: tx.registry.recipient(name) for name in {one.recipient for one in tried} if name is not None}
    changed = {name: entry.changed_at for name, entry in entries.items() if entry is not None}
    return {
        one.id: [
            attempt
            for attempt in earlier[one.id]
            if attempt.fence > moved.get(one.id, 0)
            and attempt.claimed_at >= changed.get(one.recipient or "", attempt.claimed_at)
        ]
        for one in tried
    }
