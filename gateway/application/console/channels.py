"""Channels before a person: how each stands, and what stopping it or setting it going again would change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.destination import Destination
from gateway.domain.events import Event, EventName
from gateway.domain.far_end import channel_to
from gateway.domain.parties import ChannelName
from gateway.domain.problem import NoSuchThing
from gateway.ports.calendar import CarrierSuspension
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.registry import ChannelPause

_TO_GO = (DeliveryState.READY, DeliveryState.DEFERRED)
_PAUSING = (EventName.CHANNEL_PAUSED, EventName.CHANNEL_RESUMED)
_LEFT = (DeliveryState.HANDED_OVER, DeliveryState.DELIVERED)


@dataclass(frozen=True, kw_only=True)
class ChannelStands:
    """How a channel stands. suspension: its carrier does not deliver; pause: it takes nothing; destinations: the far
    ends of it that somebody has spoken to."""

    channel: str
    set_up: bool
    suspension: CarrierSuspension | None
    pause: ChannelPause | None
    destinations: Sequence[Destination]

    @property
    def goes(self) -> bool:
        """Whether something may go by it now."""
        return self.set_up and self.suspension is None and self.pause is None


@dataclass(frozen=True, kw_only=True)
class InHand:
    """What a stop or a start concerns. to_go: deliveries that would go by it next; batched: those that lie in its
    batches and open manifests; left: those that left by it and are not settled; waiting: deliveries of any channel that
    wait for a person because a carrier stands still."""

    to_go: int
    batched: int
    left: int
    waiting: int


class ChannelDesk:
    """Reads for staff. set_up: the channels that this home has."""

    def __init__(self, *, database: Database, set_up: Collection[str], clock: Clock) -> None:
        self._database = database
        self._set_up = set_up
        self._clock = clock

    def all(self) -> Sequence[ChannelStands]:
        """Every channel, those of the house first."""
        with self._database.read() as tx:
            return self._stand(tx)

    def one(self, channel: str) -> tuple[ChannelStands, InHand]:
        """A channel, and what it has in hand. Raises NoSuchThing (request.not-found)."""
        with self._database.read() as tx:
            found = next((one for one in self._stand(tx) if one.channel == channel), None)
            if found is None:
                raise NoSuchThing(Code.REQUEST_NOT_FOUND)
            counts = tx.work_lists.of_channel(channel)
            waiting = len(tx.calendar.waiting_for_carrier())
        return found, _in_hand(counts, waiting)

    def last_suspension(self, channel: str) -> CarrierSuspension | None:
        """The newest of that channel, over or not."""
        with self._database.look_up() as tx:
            own = [one for one in tx.calendar.suspensions() if one.channel == channel]
        return own[-1] if own else None

    def last_pause(self, channel: str) -> Event | None:
        """That somebody paused or resumed it last."""
        with self._database.look_up() as tx:
            found = [one for name in _PAUSING for one in tx.records.events_besides(name)]
        own = [one for one in found if one.facts["channel"] == channel]
        return max(own, key=lambda one: one.at, default=None)

    def _stand(self, tx: Transaction) -> Sequence[ChannelStands]:
        now = self._clock.now()
        pauses = {one.channel: one for one in tx.registry.pauses() if one.until > now}
        suspended = {one.channel: one for one in tx.calendar.suspensions() if one.restored_at is None}
        destinations = tx.destinations.all()
        return [
            ChannelStands(
                channel=name,
                set_up=name in self._set_up,
                suspension=suspended.get(name),
                pause=pauses.get(name),
                destinations=[one for one in destinations if channel_to(one.name) == name],
            )
            for name in dict.fromkeys([*(one.value for one in ChannelName), *sorted(self._set_up)])
        ]


def _in_hand(counts: Mapping[DeliveryState, int], waiting: int) -> InHand:
    def of(states: Sequence[DeliveryState]) -> int:
        return sum(counts.get(one, 0) for one in states)

    return InHand(to_go=of(_TO_GO), batched=of([DeliveryState.BATCHED]), left=of(_LEFT), waiting=waiting)
