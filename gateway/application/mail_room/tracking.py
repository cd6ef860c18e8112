"""Where envelopes are: the carrier is asked by a polite schedule, and what it says is taken in as any scans are.

Once an envelope is delivered its certificate is asked for, and kept as evidence beside the signatory's name.
"""

import datetime as dt
from collections.abc import Collection

from gateway.application import contexts
from gateway.application.mail_room.scans import ImportScans
from gateway.application.mail_room.telling_carrier import Told
from gateway.application.rounds import Round
from gateway.application.sealed import Vault, data_key
from gateway.domain.delivery import DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.failures import Misconfigured, Refused
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.tracking import TrackingSchedule
from gateway.ports.carriage import CarrierFailed, TrackedItem, TrackingService
from gateway.ports.clock import Clock
from gateway.ports.database import Database

EVERY = dt.timedelta(minutes=1)
ACTOR = "gateway"
_NAME = "tracking"
_NEVER_AGAIN = dt.timedelta(days=3650)


class TrackItems:
    """One round a minute, by whichever process comes first."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        service: TrackingService,
        take_in: ImportScans,
        channels: Collection[str],
        schedule: TrackingSchedule,
        clock: Clock,
    ) -> None:
        """channels: those whose carrier the service is."""
        self._database = database
        self._round = Round(database, _NAME, every=EVERY)
        self._vault = vault
        self._service = service
        self._take_in = take_in
        self._channels = channels
        self._schedule = schedule
        self._clock = clock

    def __call__(self) -> Told:
        """Asks about what is due. A service that is away, or asked too often, is left alone until the next round."""
        now = self._clock.now()
        if not self._round.begins(now):
            return Told()
        with self._database.look_up() as tx:
            since, limit = now - self._schedule.longest, self._schedule.questions_a_minute // 2
            due = tx.tracked.due(self._channels, now=now, since=since, limit=limit)
        unread = None
        for done, item in enumerate(due):
            try:
                self._ask(item)
            except CarrierFailed as failed:
                if not _of_one_number(failed):
                    stopped = failed.failure.reason if isinstance(failed.failure, Misconfigured) else unread
                    return Told(done=done, stopped=stopped)
                unread = failed.failure.reason
                self._asked(item, None, delivered=item.delivered)  # it has its turn again like any other
        return Told(done=len(due), stopped=unread)

    def _ask(self, item: TrackedItem) -> None:
        if not item.delivered:
            raw = self._service.track(item.number)
            if raw is not None:
                try:
                    self._take_in(raw, actor=ACTOR)
                except InputRefused:
                    raise CarrierFailed(Misconfigured(reason=Reason.CARRIER_NOT_UNDERSTOOD)) from None
        with self._database.look_up() as tx:
            delivered = tx.deliveries.get(item.delivery).state is DeliveryState.DELIVERED
        certificate = self._service.certificate(item.number) if delivered else None
        self._asked(item, certificate, delivered=delivered)

    def _asked(self, item: TrackedItem, certificate: bytes | None, *, delivered: bool) -> None:
        now = self._clock.now()
        asked = item.asked + 1 if item.delivered == delivered else 1
        next_at = self._schedule.for_certificate(now) if delivered else self._schedule.after(item.since, now)
        if certificate is not None or (delivered and asked >= self._schedule.certificate.tries):
            next_at = now + _NEVER_AGAIN
        if certificate is None:
            with self._database.write() as tx:
                tx.tracked.asked(item.attempt, asked=asked, next_at=next_at, certificate=None)
            return
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
            dispatch = tx.deliveries.get(item.delivery).dispatch
        with self._vault.keeping() as put:
            name = put(key, contexts.certificate(item.attempt), certificate)
            with self._database.write() as tx:
                tx.tracked.asked(item.attempt, asked=asked, next_at=next_at, certificate=name)
                tx.records.append(
                    Event(
                        name=EventName.CERTIFICATE_KEPT,
                        at=now,
                        actor=ACTOR,
                        dispatch=dispatch,
                        delivery=item.delivery,
                        attempt=item.attempt,
                        facts={"number": item.number, "evidence": sha256(certificate)},
                    )
                )


def _of_one_number(failed: CarrierFailed) -> bool:
    """An answer about this number alone that is refused, or says something else than its schema."""
    failure = failed.failure
    return isinstance(failure, Refused) or failure.reason is Reason.CARRIER_NOT_UNDERSTOOD
