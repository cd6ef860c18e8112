"""Destinations as the work meets them: how much may be claimed for one, and what the end of an attempt tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.domain.breaker import (
    Breaker,
    BreakerEvent,
    BreakerPolicy,
    BreakerState,
    Outage,
    after_end,
    outage_of,
    told_by,
)
from gateway.domain.delivery import Attempt, AttemptResult
from gateway.domain.destination import Destination, Limits
from gateway.domain.events import Event, EventName
from gateway.domain.far_end import channel_to
from gateway.ports.channels import Channel
from gateway.ports.database import Database, Transaction

_NOT_SET_UP = 4
"""Attempts at once of a channel that is not set up: each only finds that out, and the channel is paused."""


_OF_A_SERVER = 2
"""Uploads at once to one recipient's own server: one that hangs would else take every place of a worker for as long as
an upload may last, and those behind it would wait."""


class Destinations:
    """The limits of each destination, and its breaker."""

    def __init__(self, *, channels: Mapping[str, Channel], policy: BreakerPolicy) -> None:
        self._channels = channels
        self._policy = policy

    def limits(self, name: str) -> Limits:
        """How much may go there, of all workers together."""
        channel = self._channels.get(channel_to(name))
        if channel is None:
            return Limits(at_once=_NOT_SET_UP, rate=None, breaker=self._policy)
        able = channel.capabilities
        at_once = able.at_once if name == channel.name else min(able.at_once, _OF_A_SERVER)
        return Limits(at_once=at_once, rate=able.rate, breaker=self._policy)

    def tell(
        self, tx: Transaction, name: str, attempt: Attempt, result: AttemptResult, *, left_us: bool
    ) -> Outage | None:
        """Lets the breaker know how an attempt ended; whether an outage began or ended with it, which is recorded.

        name: the destination's. left_us: whether the network was touched.
        """
        told = told_by(result, left_us=left_us)
        if told is not BreakerEvent.SILENT and tx.destinations.get(name).breaker == Breaker():
            return None  # nearly always so: one look, and no lock that others would wait for
        standing = tx.destinations.get(name, lock=True)
        now = attempt.finished_at or attempt.claimed_at
        after = after_end(standing.breaker, told, self._policy, attempt.id, now)
        if after != standing.breaker:
            tx.destinations.save(replace(standing, breaker=after))
        outage = outage_of(standing.breaker, after)
        if outage is not None:
            since = after.since or standing.breaker.since or now
            facts = {"destination": standing.name, "since": since.isoformat()}
            tx.records.append(Event(name=_EVENT_OF[outage], at=now, actor="gateway", facts=facts))
        return outage


_EVENT_OF = {Outage.BEGAN: EventName.DESTINATION_SILENT, Outage.ENDED: EventName.DESTINATION_ANSWERS}


def unanswering(database: Database) -> Sequence[Destination]:
    """The destinations whose breaker is not closed."""
    with database.read() as tx:
        return [one for one in tx.destinations.all() if one.breaker.state is not BreakerState.CLOSED]
