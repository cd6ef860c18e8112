"""One pool process of a worker: its gateway, opened after the fork, and the threads and tasks that work over it."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path

from gateway.bootstrap import Gateway, open_gateway
from gateway.domain.problem import Problem
from gateway.logs import Log, cause_of
from gateway.worker.embedded import Workers
from gateway.worker.memory import spare_what_stays
from gateway.worker.parent import Parent
from gateway.worker.queues import Queue, Wake

log = Log()

OPEN_AGAIN = 1.0
"""Seconds between tries to open the home while the database is away."""


class Station:
    """Made before the fork, started after it."""

    def __init__(self, home: Path, wake: Wake, ending: Callable[[], bool]) -> None:
        self._home = home
        self._wake = wake
        self._ending = ending
        self._parent = Parent()
        self._stopped = threading.Event()
        self._opening: threading.Thread | None = None
        self._at_work: tuple[Gateway, Workers] | None = None

    def start(self, **_: object) -> None:
        """Begins in the background: a task may come before the database does.

        The parent says when it ends. A service manager signals every process of a worker; heeding that here would cut
        off sends.
        """
        self._parent.bind()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._opening = threading.Thread(target=self._open, name="gateway-open")
        self._opening.start()

    def do(self, queue: Queue) -> None:
        """Does all that is due of a step. Nothing yet while the home is not open: its threads will find it."""
        if self._at_work is not None:
            self._at_work[1].loops.run_until_none_due(queue)

    def stop(self, **_: object) -> None:
        """Finishes what is in hand."""
        self._stopped.set()
        if self._opening is not None:
            self._opening.join()
        if self._at_work is not None:
            gateway, workers = self._at_work
            workers.stop()
            gateway.close()

    def _open(self) -> None:
        while not self._stopped.is_set() and not self._ending():
            try:
                gateway = open_gateway(self._home)
            except Problem as problem:
                log.error("home-not-open", **cause_of(problem))
                self._stopped.wait(OPEN_AGAIN)
            else:
                workers = Workers(gateway, wake=self._wake, ending=self._ending)
                spare_what_stays()
                workers.start()
                self._at_work = (gateway, workers)
                return
