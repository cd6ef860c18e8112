"""A cut-off that passed while nobody closed a manifest: it is closed by itself, or people are called, as the settings
say. What was closed and taken by nobody calls them a day of the carrier's later. Nothing lies anywhere unseen."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from gateway.application.dates.closures import closed_at
from gateway.application.dates.office_dates import known_office, zone_of
from gateway.application.mail_room.close import Batch, CloseManifest
from gateway.application.mail_room.pages import lying_by_turns, waiting, waiting_by_turns
from gateway.application.mail_room.taking_out import TakeOut
from gateway.application.pauses import is_paused
from gateway.application.rounds import Round
from gateway.application.rules import offices
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import AtCutOff, BatchedItem, CarriageTerms, last_cut_off
from gateway.domain.print_order import NOT_ASKED
from gateway.domain.problem import Conflict
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database

EVERY = dt.timedelta(minutes=1)
ACTOR = "gateway"
_NAME = "cut-offs"
_MOMENT = dt.timedelta(microseconds=1)


class AtCutOffs:
    """Looks once a minute. Safe to run anywhere: closers at the same time give one manifest."""

    def __init__(
        self,
        *,
        database: Database,
        terms: Mapping[str, CarriageTerms],
        close: CloseManifest,
        take_out: TakeOut,
        suspended: Callable[[], Collection[str]],
        closed_days: Callable[[str], Collection[dt.date]],
        clock: Clock,
    ) -> None:
        """closed_days: the days on which staff closed an office; suspended: the channels whose carrier does not deliver
        now."""
        self._database = database
        self._round = Round(database, _NAME, every=EVERY)
        self._terms = terms
        self._close = close
        self._take_out = take_out
        self._suspended = suspended
        self._closed_days = closed_days
        self._clock = clock

    def __call__(self, limit: int) -> int:  # noqa: ARG002  (a manifest is closed whole)
        """How many items were listed on a manifest, set aside or shown to a person."""
        now = self._clock.now()
        if not self._round.begins(now):
            return 0
        with self._database.look_up() as tx:
            # A pause of ours holds a batch back; what its carrier does not deliver must not wait for that to end.
            going = {name for name in self._terms if not is_paused(tx, name, now)} | set(self._suspended())
            batches = {(one.channel, one.office) for one in waiting(tx) if one.channel in going}
        done = sum(self._look(channel, office, now) for channel, office in sorted(batches))
        return done + sum(self._look_after(channel, office, now) for channel in self._terms for office in offices())

    def _look(self, channel: str, office: str, now: dt.datetime) -> int:
        """What lies in the batch. While the carrier does not deliver, nothing waits there for its cut-off."""
        if channel in self._suspended():
            lying = waiting_by_turns(self._database, channel=channel, office=office)
            return sum(self._take_out.may_not_go(one, Reason.CARRIER_SUSPENDED) for one in lying)
        terms = self._terms[channel]
        closed = closed_at(known_office(office), self._closed_days(office))
        until = last_cut_off(terms, now, zone_of(office), closed)
        batch = Batch(channel=channel, office=office, until=until)
        return self._closed(batch) if terms.at_cut_off is AtCutOff.CLOSE else self._call(batch)

    def _look_after(self, channel: str, office: str, now: dt.datetime) -> int:
        """What was closed, and by the end of the carrier's next day was taken by nobody that we know of.

        While the carrier does not deliver, as in a strike, that is asked at once. Its driver may have taken what was
        closed, and nothing that may have left us goes another way before a person has looked.
        """
        if channel in self._suspended():
            lying = lying_by_turns(self._database, channel=channel, office=office, until=now)
            return sum(self._stranded(one) for one in lying)
        terms, zone = self._terms[channel], zone_of(office)
        closed = closed_at(known_office(office), self._closed_days(office))
        newest = last_cut_off(terms, now, zone, closed)
        before = last_cut_off(terms, newest - _MOMENT, zone, closed)
        lying = lying_by_turns(self._database, channel=channel, office=office, until=before)
        return sum(self._called(one, Reason.MAIL_NOT_SIGNED) for one in lying)

    def _stranded(self, item: BatchedItem) -> bool:
        with self._database.look_up() as tx:
            order = tx.print_orders.get(item.manifest or "")
        if order is not None and order.state in NOT_ASKED:  # no vendor was told to make it
            return self._take_out.may_not_go(item, Reason.CARRIER_SUSPENDED)
        return self._called(item, Reason.MAIL_NOT_SIGNED)

    def _closed(self, batch: Batch) -> int:
        try:
            closing = self._close.over(batch, actor=ACTOR)
        except Conflict as conflict:
            if conflict.code is not Code.MANIFEST_NUMBERS_EXHAUSTED:
                raise
            return self._call(batch)  # somebody must ask the post for a range
        return closing.items + len(closing.set_aside)

    def _call(self, batch: Batch) -> int:
        lying = waiting_by_turns(self._database, channel=batch.channel, office=batch.office)
        until, reason = batch.until, Reason.MAIL_NOT_CLOSED
        return sum(self._called(one, reason) for one in lying if one.gathered_at <= until)

    def _called(self, item: BatchedItem, reason: Reason) -> bool:
        """Whether a person is called now who was not before."""
        with self._database.write() as tx:
            before = tx.deliveries.get(item.delivery, lock=True)
            last = tx.deliveries.attempts(item.delivery)[-1]
            gone = before.state is not DeliveryState.BATCHED or last.id != item.attempt
            if gone or before.reason is reason:
                return False
            tx.deliveries.save(replace(before, reason=reason))
            facts = {"channel": item.channel, "reason": reason.value, "to": before.state.value}
            tx.records.append(
                Event(
                    name=EventName.PERSON_CALLED,
                    at=self._clock.now(),
                    actor=ACTOR,
                    dispatch=item.dispatch,
                    delivery=item.delivery,
                    attempt=item.attempt,
                    facts=facts,
                )
            )
        return True
