"""The threads of one process, one a step and one a mailbox: all there is in the embedded default, and in a distributed
worker what finds the work that no hint told of."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from gateway.application.returns.collect import Collect
from gateway.bootstrap import Gateway
from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.worker.loops import DROP_BATCH, Loops
from gateway.worker.pump import Hint, run_until_ending
from gateway.worker.queues import Queue, Wake, nobody

ENOUGH = {Queue.MAINTAIN: DROP_BATCH}
"""Upkeep looks at a score of things each time: it comes again at once where it did as much as it does of dropped files
at a time, not for each one that is found. While packages stream there is always one."""


class Workers:
    """A thread for each step, which looks for due work by itself and sooner when it is woken."""

    def __init__(self, gateway: Gateway, *, wake: Wake | None = None, ending: Callable[[], bool] | None = None) -> None:
        """wake: who else hears that a step made work for the next, beside the threads of this process.
        ending: what else may say that nothing new is to be taken."""
        self._stop = threading.Event()
        self._other_ending = ending
        self._hints: Mapping[Queue, Hint] = {queue: Hint() for queue in Queue}
        self._others = wake
        self.loops = Loops(gateway, wake=self._tell, ending=self._ending)
        self._threads = [
            threading.Thread(
                target=run_until_ending,
                args=(self.loops.name(queue), partial(self.loops.run_once, queue), self._ending, hint),
                kwargs={"enough": ENOUGH.get(queue, 1)},
                name=f"gateway-{self.loops.name(queue)}",
            )
            for queue, hint in self._hints.items()
        ]
        told = partial(self._tell, Queue.RECEIVE)
        self._threads += [
            threading.Thread(
                target=run_until_ending,
                args=(f"collect-{collect.mailbox.name}", partial(self._collect, collect, told), self._ending, Hint()),
                name=f"gateway-collect-{collect.mailbox.name}",
            )
            for collect in gateway.collects
        ]

    def start(self) -> None:
        """Starts working."""
        for thread in self._threads:
            thread.start()

    def wake(self, queue: Queue, ids: Sequence[str]) -> None:  # noqa: ARG002  (see `Wake`)
        """There may be work for that thread."""
        self._hints[queue].wake()

    def _tell(self, queue: Queue, ids: Sequence[str]) -> None:
        self.wake(queue, ids)
        if self._others is not None:
            self._others(queue, ids)

    def wind_down(self) -> None:
        """Takes nothing new from now on. Safe in a signal handler: nothing else here holds this event's lock."""
        self._stop.set()

    def stop(self) -> None:
        """Finishes what is in hand, takes nothing new, and waits for that."""
        self._stop.set()
        for hint in self._hints.values():
            hint.wake()
        for thread in self._threads:
            thread.join()
        self.loops.close()

    def check(self) -> None:
        """Raises ServiceDown (worker.stopped) unless every thread runs."""
        if not all(thread.is_alive() for thread in self._threads):
            raise ServiceDown(Code.WORKER_STOPPED)

    def _collect(self, collect: Collect, told: Callable[[Sequence[str]], None]) -> int:
        """What came back is sealed as it is taken in."""
        return collect(lambda: not self.loops.may_take(), told) if self.loops.may_take() else 0

    def _ending(self) -> bool:
        return self._stop.is_set() or (self._other_ending is not None and self._other_ending())


def work(
    gateway: Gateway, *, until_idle: bool, max_seconds: float | None, stop: threading.Event | None = None
) -> dict[str, int]:
    """Does in this thread what is due, and says how much of each step.

    until_idle: again until nothing more is due; else each step once. Nothing new is taken after max_seconds or once
    `stop` is set; what is in hand is finished. Raises ServiceDown (key.not-here), SetupWrong (key.*, seal.*): an own
    key that is in use is not here, and nothing was taken.
    """
    end = None if max_seconds is None else time.monotonic() + max_seconds

    def ending() -> bool:
        return (end is not None and time.monotonic() >= end) or (stop is not None and stop.is_set())

    loops = Loops(gateway, wake=nobody, ending=ending, in_one_hand=False)  # so that each step is told by itself
    loops.keys.check()
    order = (Queue.MAINTAIN, Queue.INTAKE, Queue.RENDER, Queue.DELIVER, Queue.RECEIVE, Queue.CALL)
    done = {loops.name(queue): 0 for queue in order}
    try:
        while not ending():
            made = {queue: loops.run_once(queue) for queue in order}
            for queue, count in made.items():
                done[loops.name(queue)] += count
            if not until_idle or not any(made.values()):
                break
    finally:
        loops.close()
    return done
