"""What dies again and again: processes of the workers' pools and whole workers, or the one process that does all."""

import os
import random
import signal
import time
from collections.abc import Callable

from tests.chaos.faults import Fault
from tests.real.engine import Engine, Part
from tests.real.ports import free_port
from tests.real.serving import Server

_WHOLE_EVERY = 5
"""Every fifth second a whole worker dies, if there is one that has started."""
_PATIENCE = 180.0  # seconds for a start among all that strikes, on a machine that others use too


class Workers:
    """A process of a pool dies each second, or a whole worker."""

    def __init__(self, engine: Engine, workers: list[Part], seed: int) -> None:
        """workers: those that run; a killed one is started again."""
        self._engine = engine
        self._workers = workers
        self._random = random.Random(seed)
        self._second = self._whole = 0

    def pause(self) -> float:
        """A second."""
        return 1.0

    def next(self) -> tuple[Fault, Callable[[], None]]:
        """See `Victims`."""
        self._second += 1
        self._start_what_ended()
        # A machine that is slow to start a worker would otherwise never have one.
        if self._second >= self._whole + _WHOLE_EVERY and all(worker.pool() for worker in self._workers):
            self._whole = self._second
            return Fault.WORKER, self._kill_worker
        return Fault.PROCESS, self._kill_process

    def _start_what_ended(self) -> None:
        """A worker that finds no database when it starts says so and ends."""
        for place, worker in enumerate(self._workers):
            if worker.process.poll() is not None:
                self._workers[place] = self._engine.start("worker", "--processes", "2")

    def _kill_process(self) -> None:
        pool = [pid for worker in self._workers for pid in worker.pool()]
        if pool:
            os.kill(self._random.choice(pool), signal.SIGKILL)

    def _kill_worker(self) -> None:
        place = self._random.randrange(len(self._workers))
        self._workers[place].kill()
        self._workers[place] = self._engine.start("worker", "--processes", "2")


class OneProcess:
    """`gateway serve`, which dies some moments after each start."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self._engine = engine
        self._random = random.Random(seed)
        self._port = free_port()
        self._running = self._start()
        secret = engine.world.json("tokens", "create", "chaos", "--scope", "submit", "--scope", "read")["secret"]
        self.server = Server(process=self._running.process, port=self._port, token=secret)
        """It is always there, whatever process it is: callers try again."""

    def pause(self) -> float:
        """From when it is ready, so that a slow machine gets something done too."""
        self.wait_until_ready()
        return self._random.uniform(0.2, 2.5)

    def next(self) -> tuple[Fault, Callable[[], None]]:
        """See `Victims`."""
        return Fault.SERVE, self._kill

    def wait_until_ready(self) -> None:
        """It works; what ended by itself, since it found its disk full when it started, is started again."""
        end = time.monotonic() + _PATIENCE
        while self._running.ready().get("status") not in {"ready", "degraded"}:
            assert time.monotonic() < end, self._running.lines[-4000:]
            if self._running.process.poll() is not None:
                self._running = self._start()
            time.sleep(0.05)

    def _kill(self) -> None:
        self._running.kill()
        self._running = self._start()

    def _start(self) -> Part:
        return self._engine.start("serve", port=self._port)
