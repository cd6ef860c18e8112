"""Deliveries and their attempts as rows. See `gateway.ports.work.Deliveries` for the contract."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.delivery import CALLING, Delivery, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.far_end import channel_to, destination_of
from gateway.domain.parties import ChannelName
from gateway.domain.problem import NoSuchThing
from gateway.domain.reasons import Reason
from gateway.ports.work import LeaseLost
from gateway.store import agenda
from gateway.store.attempts import SqlAttempts
from gateway.store.claims import AT_ONCE, DAYS, IN_FLIGHT, LAPSED, LAPSED_HELD, REACHED, WAITING, Slice
from gateway.store.columns import UtcTime
from gateway.store.conditions import claimable, owed, unsettled
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.tables.work import deliveries, dispatches

_ALL = sa.select(*columns_of(deliveries, Delivery))
_BY_ID = _ALL.where(deliveries.c.id == sa.bindparam("b_id"))
_BY_ID_LOCKED = locked(_BY_ID)
_HELD = locked(_ALL.where(deliveries.c.id.in_(sa.bindparam("b_ids", expanding=True))).order_by(deliveries.c.id))
"""In the order in which everybody who holds several takes them."""
_OF_DISPATCHES = _ALL.where(deliveries.c.dispatch.in_(sa.bindparam("b_ids", expanding=True))).order_by(
    deliveries.c.ordinal
)
_OWED_TO = _ALL.where(deliveries.c.recipient == sa.bindparam("b_recipient"), owed(deliveries.c.state)).order_by(
    deliveries.c.due, deliveries.c.ordinal
)
_WAITING_FOR = _ALL.where(
    claimable(deliveries.c.state), deliveries.c.destination == sa.bindparam("b_destination", type_=sa.Text)
).order_by(deliveries.c.due, deliveries.c.next_action_at.nulls_first())
_UNSETTLED = _ALL.where(unsettled(deliveries.c.state, deliveries.c.settled)).limit(sa.bindparam("b_limit"))
_UNSETTLED_NEW = _UNSETTLED.where(deliveries.c.next_action_at.is_(None))
_UNSETTLED_REACHED = _UNSETTLED.where(deliveries.c.next_action_at <= sa.bindparam("b_now", type_=UtcTime)).order_by(
    deliveries.c.next_action_at.nulls_first()
)
_OVERDUE = (
    sa.select(deliveries.c.channel, sa.func.count())
    .where(unsettled(deliveries.c.state, deliveries.c.settled), deliveries.c.reason.in_(sorted(CALLING)))
    .group_by(deliveries.c.channel)
)
_IN_DOUBT = deliveries.c.state == DeliveryState.UNCONFIRMED
_UNCONFIRMED = (
    _ALL.where(_IN_DOUBT, deliveries.c.next_action_at <= sa.bindparam("b_now", type_=UtcTime))
    .order_by(deliveries.c.due)
    .limit(sa.bindparam("b_limit"))
)
_WAITING_FOR_REPORT = sa.select(sa.func.count()).where(_IN_DOUBT, deliveries.c.next_action_at.is_not(None))
_NEVER_PLANNED = (
    _ALL.join(dispatches, dispatches.c.id == deliveries.c.dispatch)
    .where(deliveries.c.state == DeliveryState.PLANNED, dispatches.c.step == Step.DONE)
    .limit(sa.bindparam("b_limit"))
)
_NOWHERE_TO_GO = _ALL.where(claimable(deliveries.c.state), deliveries.c.destination.is_(None)).limit(
    sa.bindparam("b_limit")
)
_ADD = sa.insert(deliveries).inline()
_COUNT = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
_CHANGING = tuple(
    one.name for one in deliveries.c if one.name not in {"ordinal", "id", "dispatch", "participant", "roles"}
)
_SAVE = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("b_id"), deliveries.c.fence <= sa.bindparam("b_fence"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)


_GO_TO_SERVER = (
    sa.update(deliveries)
    .where(claimable(deliveries.c.state), deliveries.c.recipient == sa.bindparam("b_recipient"))
    .values(
        server=sa.bindparam("b_server", type_=sa.Text),
        destination=sa.case(
            (deliveries.c.channel == ChannelName.SECURE_UPLOAD.value, sa.bindparam("b_destination", type_=sa.Text)),
            else_=deliveries.c.destination,
        ),
    )
)


class SqlDeliveries(SqlAttempts):
    """`Deliveries` over a connection."""

    def add(self, *deliveries: Delivery) -> None:
        """New deliveries, in the order they were planned."""
        rows = [{**vars(one), "channel": one.channel, "destination": one.destination} for one in deliveries]
        if rows:
            self._connection.execute(_ADD, rows[0] if len(rows) == 1 else rows)
        for one in deliveries:
            self._held.add_new(one.id)

    def get(self, delivery_id: str, *, lock: bool = False) -> Delivery:
        """Raises NoSuchThing (delivery.unknown). `lock`: until the transaction ends nobody else writes it."""
        row = self._connection.execute(_BY_ID_LOCKED if lock else _BY_ID, {"b_id": delivery_id}).one_or_none()
        if row is None:
            raise NoSuchThing(Code.DELIVERY_UNKNOWN, where=delivery_id)
        if lock:
            self._held.add(delivery_id)
        return Delivery(**row._mapping)

    def held(self, delivery_ids: Sequence[str]) -> Mapping[str, Delivery]:
        """Those of them that there are; until the transaction ends nobody else writes them."""
        rows = self._connection.execute(_HELD, {"b_ids": list(delivery_ids)}) if delivery_ids else ()
        found = {row.id: Delivery(**row._mapping) for row in rows}
        self._held.add(*found)
        return found

    def owed_to(self, recipient: str) -> Sequence[Delivery]:
        """The recipient's deliveries of which nothing is known to have been sent, by due date."""
        return [Delivery(**row._mapping) for row in self._connection.execute(_OWED_TO, {"b_recipient": recipient})]

    def of_dispatch(self, dispatch_id: str) -> Sequence[Delivery]:
        """In the order they were planned."""
        return self.of_dispatches([dispatch_id])[dispatch_id]

    def of_dispatches(self, dispatch_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        """The same for several dispatches with one query; each id asked for is in the answer."""
        found: dict[str, list[Delivery]] = {one: [] for one in dispatch_ids}
        if found:
            for row in self._connection.execute(_OF_DISPATCHES, {"b_ids": list(found)}):
                found[row.dispatch].append(Delivery(**row._mapping))
        return found

    def find(
        self, *, state: DeliveryState | None, channel: str | None, limit: int, reasons: Collection[Reason] = ()
    ) -> Sequence[Delivery]:
        """The work list: by due date, then by age."""
        query = _ALL.where(deliveries.c.reason.in_(sorted(reasons))) if reasons else _ALL
        if state is not None:
            query = query.where(deliveries.c.state == state)
        if channel is not None:
            query = query.where(deliveries.c.channel == channel)
        rows = self._connection.execute(query.order_by(deliveries.c.due, deliveries.c.ordinal).limit(limit))
        return [Delivery(**row._mapping) for row in rows]

    def waiting(self) -> Sequence[str]:
        """The destinations that some delivery is to go to, now or later, by name."""
        return list(self._connection.execute(WAITING).scalars())

    def waiting_for(self, destination: str) -> Sequence[Delivery]:
        """Those that are to go there, now or later, earliest due first. Takes nothing."""
        rows = self._connection.execute(_WAITING_FOR, {"b_destination": destination})
        return [Delivery(**row._mapping) for row in rows]

    def in_flight(self, destination: str) -> int:
        """How many deliveries there are `sending`, whoever holds them."""
        return self._connection.execute(IN_FLIGHT, {"b_destination": destination}).scalar_one()

    def claim(self, destination: str, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> Sequence[Delivery]:
        """Takes due deliveries to go there unless their channel is paused, earliest due first; never what is
        `sending`."""
        claimed: list[Delivery] = []
        for day, slice_ in self._slices(destination, now):
            if len(claimed) == limit:
                break
            values = {"b_destination": destination, "b_day": day, "b_now": now, "b_limit": limit - len(claimed)}
            rows = self._connection.execute(slice_.claim, {**values, "b_until": now + lease})
            claimed += sorted((Delivery(**row._mapping) for row in rows), key=_urgency)
        self._held.add(*(one.id for one in claimed))
        return claimed

    def due(self, *, now: dt.datetime, limit: int) -> Sequence[str]:
        """The ids that `claim` would take, for each destination the earliest due first. Takes nothing."""
        found: list[str] = []
        for destination in self.waiting():
            for day, slice_ in self._slices(destination, now):
                values = {"b_destination": destination, "b_day": day, "b_now": now, "b_limit": limit - len(found)}
                found += self._connection.scalars(slice_.due_ids, values)
        return found

    def _slices(self, destination: str, now: dt.datetime) -> Iterator[tuple[dt.date | None, Slice]]:
        """What may go there now, day by day."""
        values = {"b_destination": destination, "b_channel": channel_to(destination), "b_now": now}
        days = self._connection.execute(DAYS, values).all()
        for day, at_once, next_moment in sorted(days, key=lambda one: one.due or dt.date.max):
            if at_once:
                yield day, AT_ONCE
            if next_moment is not None and next_moment <= now:
                yield day, REACHED

    def unsettled(self, *, now: dt.datetime, limit: int) -> Sequence[Delivery]:
        """What left us, is not settled, and is to be looked at now: first what nobody has looked at yet."""
        new = self._connection.execute(_UNSETTLED_NEW, {"b_limit": limit}).all()
        values = {"b_now": now, "b_limit": limit - len(new)}
        reached = self._connection.execute(_UNSETTLED_REACHED, values).all() if len(new) < limit else []
        return [Delivery(**row._mapping) for row in [*new, *reached]]

    def lapsed(self, *, now: dt.datetime, limit: int, lock: bool = False) -> Sequence[Delivery]:
        """Deliveries in `sending` whose lease ran out, the longest ago first."""
        rows = self._connection.execute(LAPSED_HELD if lock else LAPSED, {"b_now": now, "b_limit": limit})
        return [Delivery(**row._mapping) for row in rows]

    def save(self, delivery: Delivery) -> None:
        """Writes all that can change. Raises LeaseLost when the fence is no longer the newest."""
        values = {name: getattr(delivery, name) for name in _CHANGING}
        which = {"b_id": delivery.id, "b_fence": delivery.fence}
        if self._connection.execute(_SAVE, {**which, **values}).rowcount == 0:
            raise LeaseLost
        self._held.add(delivery.id)

    def go_to_server(self, recipient: str, server: str | None) -> int:
        """The recipient's deliveries that wait to be sent go to that server from now on; how many."""
        there = {"b_server": server, "b_destination": destination_of(ChannelName.SECURE_UPLOAD, server)}
        return self._connection.execute(_GO_TO_SERVER, {"b_recipient": recipient, **there}).rowcount

    def count_by_state(self) -> Mapping[DeliveryState, int]:
        """How many deliveries stand in each state; 0 for a state where none does."""
        return Counter({state: count for state, count in self._connection.execute(_COUNT)})  # noqa: C416  (rows are no pairs to mypy)

    def count_overdue(self) -> Mapping[str, int]:
        """How many left us and wait for a person, by channel, because what should have come back did not."""
        return {channel: count for channel, count in self._connection.execute(_OVERDUE)}  # noqa: C416  (rows are no pairs to mypy)

    def unconfirmed(self, *, now: dt.datetime, limit: int) -> Sequence[Delivery]:
        """What may have been sent and whose time for a report is over, earliest due first."""
        rows = self._connection.execute(_UNCONFIRMED, {"b_now": now, "b_limit": limit})
        return [Delivery(**row._mapping) for row in rows]

    def count_waiting_for_report(self) -> int:
        """How many may have been sent and still have time for a report."""
        return self._connection.execute(_WAITING_FOR_REPORT).scalar_one()

    def forgotten(self, *, limit: int) -> Sequence[Delivery]:
        """Deliveries that nothing would move again: to be planned of a dispatch whose steps are done, or to go by no
        channel."""
        planned = self._connection.execute(_NEVER_PLANNED, {"b_limit": limit}).all()
        nowhere = self._connection.execute(_NOWHERE_TO_GO, {"b_limit": limit - len(planned)}).all()
        return [Delivery(**row._mapping) for row in [*planned, *nowhere]]

    def next_action_at(self) -> dt.datetime | None:
        """The earliest moment at which a dispatch or delivery will be due or a lease will run out, if any."""
        return agenda.next_moment(self._connection)


def _urgency(delivery: Delivery) -> tuple[dt.date, dt.datetime]:
    return delivery.due or dt.date.max, delivery.next_action_at or dt.datetime.min.replace(tzinfo=dt.UTC)
