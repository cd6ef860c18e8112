"""Tells staff's systems at once of what is late, at risk, calls a person or stands still: by calls, in numbers, codes
and ids alone.

A delivery is told of when it comes to stand so, and again when it comes back to it; what stands still, once a day of
the office's for as long as it does. What goes on standing, the digest repeats.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

from gateway.application.rounds import Round
from gateway.domain.calls import Call, Subject, told_to_staff
from gateway.domain.delivery import CALLING, OWED, Delivery
from gateway.domain.urgency import Urgency, urgency
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

EVERY = dt.timedelta(minutes=1)
A_CALL = 100
"""Deliveries that one call names at most: a call is to stay small."""
_MOST_CALLING = 10_000
"""Deliveries that left us and call a person, of which anybody is told."""
_NAME = "notices"
_CALLING = "deliveries-calling"

Facts = dict[str, object]


class StaffNotices:
    """Looks once a minute. office: whose clock says which day it is; today: the date at an office."""

    def __init__(
        self, *, database: Database, office: str, today: Callable[[str, dt.datetime], dt.date], clock: Clock
    ) -> None:
        self._database = database
        self._round = Round(database, _NAME, every=EVERY)
        self._office = office
        self._today = today
        self._clock = clock

    def run_if_due(self) -> None:
        """Owes what is news to every endpoint of staff's. Does nothing while there is none."""
        now = self._clock.now()
        if not self._round.may_begin(now):
            return
        with self._database.look_up() as tx:
            staff = [one.id for one in tx.calls.endpoints() if one.subject is Subject.STAFF]
        if not staff:
            return
        with self._database.write() as tx:
            if not tx.watch.begin(_NAME, now=now, every=EVERY):
                return
            for kind, which, facts in (*self._of_deliveries(tx, now), *self._of_the_day(tx, now)):
                told = told_to_staff(kind, now, facts)
                tx.calls.add([Call(id=f"{kind}-{which}", endpoint=one, body=told, made_at=now) for one in staff])

    def _of_deliveries(self, tx: Transaction, now: dt.datetime) -> Iterator[tuple[str, str, Facts]]:
        """Each by its kind, which one it is, and what is told of it."""
        for kind, standing in self._standing(tx, now).items():
            by_id = {one.id: one for one in standing}
            begun = tx.staff_mails.begun(kind, list(by_id), now)
            for start in range(0, len(begun), A_CALL):
                named = [_named(by_id[one]) for one in begun[start : start + A_CALL]]
                yield kind, f"{int(now.timestamp())}-{start}", {"count": len(standing), "deliveries": named}

    def _standing(self, tx: Transaction, now: dt.datetime) -> Mapping[str, Sequence[Delivery]]:
        """By kind the deliveries that stand so now."""
        owed = {one.dispatch: one for one in tx.calendar.owed_until(now.date() + dt.timedelta(days=1))}
        standing: dict[str, list[Delivery]] = {"deliveries-late": [], "deliveries-at-risk": []}
        for dispatch, deliveries in tx.deliveries.of_dispatches(list(owed)).items():
            due = owed[dispatch]
            kind = f"deliveries-{urgency(due.due, due.warn_on, self._today(due.office, now)).value}"
            if kind != f"deliveries-{Urgency.ON_TIME.value}":
                standing[kind] += [one for one in deliveries if one.state in OWED]
        called = tx.deliveries.find(state=None, channel=None, limit=_MOST_CALLING, reasons=CALLING)
        return {**standing, _CALLING: called}

    def _of_the_day(self, tx: Transaction, now: dt.datetime) -> Iterator[tuple[str, str, Facts]]:
        day = self._today(self._office, now).isoformat()
        for pause in tx.registry.pauses():
            if pause.until > now:
                yield "channel-paused", f"{pause.channel}-{day}", {"channel": pause.channel, "reason": pause.reason}
        for key in tx.watch.findings():
            if key.deliveries:
                which = f"{key.fingerprint}-{key.fault.value}-{day}"
                stops = {"owner": key.owner.value, "whose": key.whose, "fault": key.fault.value}
                yield "key-wanting", which, {**stops, "deliveries": list(key.deliveries)}
        for endpoint in tx.calls.endpoints():
            if endpoint.suspended_at is not None:
                fault = endpoint.fault.value if endpoint.fault else None
                yield "endpoint-suspended", f"{endpoint.id}-{day}", {"endpoint": endpoint.id, "fault": fault}


def _named(delivery: Delivery) -> Facts:
    reason = delivery.reason.value if delivery.reason else None
    return {"dispatch": delivery.dispatch, "delivery": delivery.id, "state": delivery.state.value, "reason": reason}
