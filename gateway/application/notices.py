"""Tells staff's systems at once of what is late, at risk or stopped: by calls, in numbers, codes and ids alone.

A matter bears the day in its id, so that it is told once a day for as long as it stands.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

from gateway.domain.calls import Call, Subject, told_to_staff
from gateway.domain.urgency import Urgency
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

EVERY = dt.timedelta(minutes=1)
_NAME = "notices"

Facts = dict[str, object]


class StaffNotices:
    """Looks once a minute. owed: how many deliveries are owed, by how they stand against their service standard."""

    def __init__(self, *, database: Database, owed: Callable[[], Mapping[Urgency, int]], clock: Clock) -> None:
        self._database = database
        self._owed = owed
        self._clock = clock

    def run_if_due(self) -> None:
        """Owes what stands now to every endpoint of staff's. Does nothing while there is none."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            begun = tx.watch.begun_at(_NAME)
            staff = [one.id for one in tx.calls.endpoints() if one.subject is Subject.STAFF]
        if not staff or (begun is not None and now < begun + EVERY):
            return
        owed = self._owed()
        with self._database.write() as tx:
            if not tx.watch.begin(_NAME, now=now, every=EVERY):
                return
            for kind, which, facts in self._matters(tx, owed, now):
                told = told_to_staff(kind, now, facts)
                number = f"{kind}-{which}-{now.date().isoformat()}"
                tx.calls.add([Call(id=number, endpoint=one, body=told, made_at=now) for one in staff])

    def _matters(
        self, tx: Transaction, owed: Mapping[Urgency, int], now: dt.datetime
    ) -> Iterator[tuple[str, str, Facts]]:
        """Each by its kind, which one it is, and what is told of it."""
        for urgency in (Urgency.LATE, Urgency.AT_RISK):
            if owed[urgency]:
                yield "deliveries-" + urgency.value, "all", {"count": owed[urgency]}
        for pause in tx.registry.pauses():
            if pause.until > now:
                yield "channel-paused", pause.channel, {"channel": pause.channel, "reason": pause.reason}
        for key in tx.watch.findings():
            if key.deliveries:
                which = f"{key.fingerprint}-{key.fault.value}"
                stops = {"owner": key.owner.value, "whose": key.whose, "fault": key.fault.value}
                yield "key-wanting", which, {**stops, "deliveries": list(key.deliveries)}
        for endpoint in tx.calls.endpoints():
            if endpoint.suspended_at is not None:
                fault = endpoint.fault.value if endpoint.fault else None
                yield "endpoint-suspended", endpoint.id, {"endpoint": endpoint.id, "fault": fault}
