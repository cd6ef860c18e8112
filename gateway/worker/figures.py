"""Figures for Prometheus: what this process does, and what stands in the database. Never content, never a name.

A worker's pool processes write theirs into files of one folder (`gateway.worker.counting`), which the process that
answers operators adds up: what a process counted before it was killed stays counted, and no figure costs a write in
the database.
"""

import collections
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from gateway.application.sweeps import Found
from gateway.domain.breaker import BreakerState, Outage
from gateway.domain.delivery import DeliveryState
from gateway.domain.urgency import Urgency
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.watch import BACKUP
from gateway.worker.queues import Queue

OWN = CollectorRegistry()
"""What this process counted."""

_ITEMS = Counter(
    "gateway_work_items", "Dispatches, deliveries and leases worked on.", ["queue", "result"], registry=OWN
)
_SECONDS = Histogram(
    "gateway_work_seconds",
    "How long one dispatch or delivery took.",
    ["queue"],
    registry=OWN,
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
_SWEPT = Counter(
    "gateway_swept", "What the sweeps over deliveries dealt with; `forgotten` is a defect.", ["found"], registry=OWN
)
_OUTAGES = Counter(
    "gateway_destination_outages",
    "Outages of what channels speak to, as they began and ended.",
    ["destination", "outage"],
    registry=OWN,
)
_HINTS = Counter("gateway_hints", "Hints over the broker.", ["queue", "fate"], registry=OWN)
_EXPIRED = Counter("gateway_packages_expired", "Packages whose key was destroyed when their time came.", registry=OWN)
HEARTBEAT = "gateway_worker_heartbeat_timestamp_seconds"
_HEARTBEAT = Gauge(
    HEARTBEAT,
    "When a loop of this worker last came round.",
    registry=OWN,
    multiprocess_mode="mostrecent",
)
_OWN_KEYS = Gauge(
    "gateway_own_keys_not_here",
    "1 while an own key that is in use is not on this machine, or cannot be used.",
    registry=OWN,
    multiprocess_mode="mostrecent",
)


class Result(StrEnum):
    """How one piece of work ended."""

    DONE = "done"
    FAILED = "failed"
    LEASE_LOST = "lease-lost"


class Fate(StrEnum):
    """What became of a hint."""

    PUBLISHED = "published"
    FAILED = "failed"
    UNSENT = "unsent"
    """Not even tried: the broker is left alone for a moment after it failed."""
    SPARED = "spared"
    """Another hint of the same step went a moment before."""
    RECEIVED = "received"
    UNREADABLE = "unreadable"


def item(queue: Queue, result: Result, seconds: float | None = None) -> None:
    """One piece of work came to an end."""
    _ITEMS.labels(queue.value, result.value).inc()
    if seconds is not None:
        _SECONDS.labels(queue.value).observe(seconds)


def swept(found: Found, count: int) -> None:
    """A sweep dealt with so many."""
    _SWEPT.labels(found.value).inc(count)


def outage(destination: str, what: Outage) -> None:
    """A breaker opened or closed."""
    _OUTAGES.labels(destination, what.value).inc()


def hint(queue: Queue, fate: Fate) -> None:
    """A hint came or went."""
    _HINTS.labels(queue.value, fate.value).inc()


def expired() -> None:
    """A package's key was destroyed."""
    _EXPIRED.inc()


def own_keys(*, here: bool) -> None:
    """Whether all that are in use are here."""
    _OWN_KEYS.set(0 if here else 1)


def beat() -> None:
    """A loop came round."""
    _HEARTBEAT.set(time.time())


Owed = Callable[[], Mapping[Urgency, int]]
"""How many deliveries have not been sent, by how they stand against their service standard."""


def all_figures(database: Database, clock: Clock, owed: Owed | None = None) -> CollectorRegistry:
    """What stands in the database, what this process counted, and its memory and processor time."""
    figures = CollectorRegistry()
    figures.register(Standing(database, clock))
    figures.register(_Mailboxes(database, clock))
    figures.register(_Endpoints(database, clock))
    if owed is not None:
        figures.register(_Owed(owed))
    figures.register(OWN)
    ProcessCollector(registry=figures)
    return figures


class _Owed(Collector):
    def __init__(self, owed: Owed) -> None:
        self._owed = owed

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "gateway_deliveries_owed", "Deliveries not sent yet, against their service standard.", labels=["urgency"]
        )
        for stands, count in self._owed().items():
            family.add_metric([stands.value], count)
        yield family


class _Mailboxes(Collector):
    """The mailboxes that things come back to."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See prometheus_client. Raises ServiceDown."""
        now = self._clock.now()
        with self._database.read() as tx:
            standings = tx.mailboxes.all()
        problems = GaugeMetricFamily(
            "gateway_mailbox_problem", "1 while a mailbox cannot be emptied.", labels=["mailbox", "problem"]
        )
        silence = GaugeMetricFamily(
            "gateway_mailbox_unseen_seconds", "Since the last look into a mailbox.", labels=["mailbox"]
        )
        for one in standings:
            if one.problem is not None:
                problems.add_metric([one.name, one.problem.value], 1)
            if one.looked_at is not None:
                silence.add_metric([one.name], (now - one.looked_at).total_seconds())
        yield from (problems, silence)


_MOST_FORGOTTEN = 1_000


class _Endpoints(Collector):
    """The systems that are told of changes, and what staff are owed by mail."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See prometheus_client. Raises ServiceDown."""
        now = self._clock.now()
        with self._database.read() as tx:
            endpoints, untold = tx.calls.endpoints(), tx.calls.untold()
            mails = tx.staff_mails.untold()
        suspended = GaugeMetricFamily(
            "gateway_endpoint_suspended", "1 while an endpoint is called no more.", labels=["endpoint"]
        )
        waiting = GaugeMetricFamily("gateway_calls_untold", "Calls that have not got through.", labels=["endpoint"])
        late = GaugeMetricFamily(
            "gateway_calls_late_seconds", "For how long the oldest of them has waited.", labels=["endpoint"]
        )
        for one in endpoints:
            suspended.add_metric([one.id], int(one.suspended_at is not None))
            behind = untold.get(one.id)
            waiting.add_metric([one.id], behind.count if behind else 0)
            late.add_metric([one.id], max((now - behind.since).total_seconds(), 0) if behind else 0)
        owed = GaugeMetricFamily(
            "gateway_staff_mails_untold", "Mails to staff that have not left.", value=mails.count if mails else 0
        )
        yield from (suspended, waiting, late, owed)


class Standing(Collector):
    """Deliveries by state, dispatches by step, pauses, open breakers, how long work has waited: read when asked."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See prometheus_client. Raises ServiceDown."""
        now = self._clock.now()
        with self._database.read() as tx:
            states = tx.deliveries.count_by_state()
            steps = tx.dispatches.count_by_step()
            pauses = tx.registry.pauses()
            destinations = tx.destinations.all()
            due, missing = tx.deliveries.next_action_at(), tx.deliveries.count_overdue()
            reports_awaited = tx.deliveries.count_waiting_for_report()
            receipts = tx.incoming.count_for_person()
            forgotten = len(tx.deliveries.forgotten(limit=_MOST_FORGOTTEN))
            backup = tx.watch.begun_at(BACKUP)
            wanting = collections.Counter((one.owner.value, one.fault.value) for one in tx.watch.findings())
        deliveries = GaugeMetricFamily("gateway_deliveries", "Deliveries by state.", labels=["state"])
        for state, count in states.items():
            deliveries.add_metric([state.value], count)
        dispatches = GaugeMetricFamily("gateway_dispatches", "Dispatches by step.", labels=["step"])
        for step, count in steps.items():
            dispatches.add_metric([step.value], count)
        paused = GaugeMetricFamily("gateway_channel_paused", "1 while a channel is paused.", labels=["channel"])
        for pause in pauses:
            paused.add_metric([pause.channel], int(pause.until > now))
        silent = GaugeMetricFamily(
            "gateway_destination_unanswering", "1 while a breaker is not closed.", labels=["destination"]
        )
        for one in destinations:
            silent.add_metric([one.name], int(one.breaker.state is not BreakerState.CLOSED))
        waits = max((now - due).total_seconds(), 0) if due else 0
        late = GaugeMetricFamily("gateway_work_late_seconds", "For how long due work has waited.", value=waits)
        overdue = GaugeMetricFamily(
            "gateway_receipts_overdue", "Deliveries that have left and call a person.", labels=["channel"]
        )
        for channel, count in missing.items():
            overdue.add_metric([channel], count)
        waiting = states.get(DeliveryState.UNCONFIRMED, 0)
        unconfirmed = GaugeMetricFamily(
            "gateway_deliveries_unconfirmed", "What may have been sent, by what is waited for.", labels=["waits_for"]
        )
        unconfirmed.add_metric(["report"], reports_awaited)
        unconfirmed.add_metric(["person"], waiting - reports_awaited)
        astray = GaugeMetricFamily(
            "gateway_deliveries_forgotten", "Deliveries without a next action: always 0, or alarm.", value=forgotten
        )
        back = GaugeMetricFamily(
            "gateway_receipts_for_person", "What came back and waits for a person.", value=receipts
        )
        yield from (deliveries, dispatches, paused, silent, late, overdue, back, unconfirmed, astray, _keys(wanting))
        if backup is not None:
            yield _backup(backup)


def _backup(taken: dt.datetime) -> GaugeMetricFamily:
    said = "When the last backup was taken that came to its end; none is given before the first."
    return GaugeMetricFamily("gateway_backup_timestamp_seconds", said, value=taken.timestamp())


def _keys(wanting: Mapping[tuple[str, str], int]) -> GaugeMetricFamily:
    keys = GaugeMetricFamily(
        "gateway_keys_wanting", "Keys that the last watch found wanting.", labels=["owner", "fault"]
    )
    for labels, count in wanting.items():
        keys.add_metric(labels, count)
    return keys
