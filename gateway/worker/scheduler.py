"""`gateway scheduler`: looks each second for what has become due, and wakes the workers for it.

It takes nothing and changes nothing, so it may run any number of times in any number of places, or not at all: then
workers find due work by themselves, up to a second later. It needs no keys and no channel.
"""

import datetime as dt
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.bootstrap import SystemClock, broker_url, open_database
from gateway.domain.dispatch import Step
from gateway.domain.problem import Problem
from gateway.logs import Log, cause_of, write_logs
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.settings import read_settings
from gateway.worker import figures
from gateway.worker.broker import IDS_A_TASK, Broker, Hints
from gateway.worker.memory import spare_what_stays
from gateway.worker.monitor import Monitor
from gateway.worker.queues import Queue, Wake
from gateway.worker.readiness import Readiness, readiness

log = Log()

EVERY = 1.0
"""Seconds between looks."""
AGAIN_AFTER = dt.timedelta(seconds=30)
"""Before the same row is told of again: where no worker runs, hints must not pile up in the broker."""

Due = Callable[[Transaction, dt.datetime], Sequence[str]]

_DUE: Mapping[Queue, Due] = {
    Queue.INTAKE: lambda tx, now: tx.dispatches.due(Step.PLAN, now=now, limit=IDS_A_TASK),
    Queue.RENDER: lambda tx, now: tx.dispatches.due(Step.RENDER, now=now, limit=IDS_A_TASK),
    Queue.DELIVER: lambda tx, now: tx.deliveries.due(now=now, limit=IDS_A_TASK),
    Queue.RECEIVE: lambda tx, now: [one.id for one in tx.incoming.due(now=now, limit=IDS_A_TASK)],
    Queue.CALL: lambda tx, now: [one.id for one in tx.calls.ready(now=now)],
    Queue.MAINTAIN: lambda tx, now: [one.id for one in tx.deliveries.lapsed(now=now, limit=IDS_A_TASK)],
}


class Sweep:
    """One look at what is due, again and again."""

    def __init__(self, *, database: Database, wake: Wake, clock: Clock) -> None:
        self._database = database
        self._wake = wake
        self._clock = clock
        self._told: dict[tuple[Queue, str], dt.datetime] = {}

    def __call__(self) -> None:
        """Wakes the workers for what is due and was not told of lately. Raises ServiceDown."""
        now = self._clock.now()
        self._told = {one: at for one, at in self._told.items() if at > now - AGAIN_AFTER}
        with self._database.look_up() as tx:
            due = {queue: look(tx, now) for queue, look in _DUE.items()}
        for queue, ids in due.items():
            if new := [one for one in ids if (queue, one) not in self._told]:
                self._wake(queue, new)
                self._told |= {(queue, one): now for one in new}


def run_scheduler(home: Path, *, host: str | None, port: int | None) -> None:
    """Looks until SIGTERM or SIGINT. Raises SetupWrong, ServiceDown."""
    write_logs()
    settings = read_settings(home)
    own, url = settings.scheduler, broker_url(home, settings)
    database, broker = open_database(home, settings), Broker(url)
    database.check()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    clock = SystemClock()
    sweep = Sweep(database=database, wake=Hints(url), clock=clock)

    def ready() -> Readiness:
        return readiness({"database": database.check}, {"broker": broker.check})

    seen = figures.all_figures(database, clock)
    monitor = Monitor(host or own.host, own.port if port is None else port, ready=ready, figures=lambda: seen)
    spare_what_stays()
    with monitor.answering():
        log.info("scheduler-started")
        _run(sweep, stop)
        log.info("scheduler-stopped")
    database.close()


def _run(sweep: Sweep, stop: threading.Event) -> None:
    while not stop.wait(EVERY):
        figures.beat()
        try:
            sweep()
        except Problem as problem:
            log.error("sweep-failed", **cause_of(problem))
