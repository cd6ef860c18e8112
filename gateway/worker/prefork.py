# mypy: allow-untyped-calls
"""`gateway worker`: Celery's prefork pool, one process a core, each with the loops of every step.

A pool process works in two ways over the same loops: tasks, when a hint comes, and threads that look for due work each
second whatever became of the hints. So nothing depends on the broker. Nothing is done twice for it: a loop is run by
one thread at a time, and rows are claimed.

Celery's worker class is used, not its program, whose signal handlers would end sends in flight at a second SIGINT and
print to standard output.
"""

import mmap
import os
import signal
from pathlib import Path

from celery import signals
from celery.worker import WorkController, state

from gateway.bootstrap import broker_url, open_gateway
from gateway.logs import Log, write_logs
from gateway.settings import Settings
from gateway.worker.broker import ENOUGH_AT_WORK_FOR, Hints, application
from gateway.worker.consumer import Consumer, tell_how_pool_processes_end
from gateway.worker.memory import return_large_blocks, spare_what_stays
from gateway.worker.station import Station
from gateway.worker.tasks import add_tasks
from gateway.worker.watch import watched

log = Log()

_CONSUMER_TIMEOUT = 5.0
"""Seconds within which the broker must answer the consumer; longer than its longest wait for a message, one second."""


class Ending:
    """Whether this worker is to take nothing new: one byte that all of its processes see."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def __call__(self) -> bool:
        """Whether it is."""
        return self._shared[0] != 0

    def set(self) -> None:
        """From now on. Safe in a signal handler."""
        self._shared[0] = 1


def run_worker(home: Path, *, processes: int | None, host: str | None, port: int | None) -> None:
    """Works until SIGTERM or SIGINT; what is in hand is finished first.

    processes, host and port override the home's settings. Raises SetupWrong, ServiceDown.
    """
    write_logs()
    return_large_blocks()
    settings = _checked(home)
    own = settings.worker
    url = broker_url(home, settings)
    ending, hints = Ending(), Hints(url, enough_for=ENOUGH_AT_WORK_FOR)
    with watched(home, settings, host or own.host, own.port if port is None else port):
        controller = _controller(url, Station(home, hints, ending), processes or own.processes)
        _heed_signals(ending)
        log.info("worker-started", processes=controller.concurrency)
        controller.start()
        log.info("worker-stopped")


def _checked(home: Path) -> Settings:
    """The settings of a home: what is wrong with it is said before anything starts. Raises SetupWrong, ServiceDown."""
    gateway = open_gateway(home)
    gateway.close()
    settings = gateway.settings
    del gateway
    spare_what_stays()  # its memory is used again by the pool processes, which open their own
    return settings


def _controller(url: str, station: Station, processes: int) -> WorkController:
    app = application(url, socket_timeout=_CONSUMER_TIMEOUT)
    add_tasks(app, station.do)
    tell_how_pool_processes_end()
    signals.setup_logging.connect(_keep_our_logs, weak=False)
    signals.worker_process_init.connect(station.start, weak=False)
    signals.worker_process_shutdown.connect(station.stop, weak=False)
    return WorkController(
        app=app,
        consumer_cls=Consumer,
        pool_cls="prefork",
        concurrency=processes or os.cpu_count(),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )


def _keep_our_logs(**_: object) -> None:
    """Celery sets up no logging of its own where somebody listens to this signal."""


def _heed_signals(ending: Ending) -> None:
    def stop(_number: int, _frame: object) -> None:
        ending.set()
        state.should_stop = os.EX_OK  # type: ignore[assignment]  # None until then

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
