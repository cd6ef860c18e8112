"""The embedded default: every step on a thread of this process, over the same calls that a distributed worker makes."""

import threading
import time
from collections.abc import Callable, Sequence

from gateway.bootstrap import Gateway
from gateway.domain.dispatch import Step
from gateway.worker.pump import DeliverLoop, DispatchLoop, Hint, Loop, ReconcileLoop, run_until_stopped

DISPATCH_BATCH = 4
"""Dispatches held at once by a plan or render loop: few, so that a crash leaves few to wait for their lease."""
RECONCILE_BATCH = 100


class Hints:
    """One hint for each step."""

    def __init__(self) -> None:
        self.plan = Hint()
        self.render = Hint()
        self.deliver = Hint()
        self.reconcile = Hint()

    def all(self) -> Sequence[Hint]:
        """Every hint."""
        return (self.plan, self.render, self.deliver, self.reconcile)


def _deliver_loop(gateway: Gateway, ending: Callable[[], bool]) -> DeliverLoop:
    async def close() -> None:
        for channel in gateway.channels.values():
            await channel.close()

    return DeliverLoop(
        claim=gateway.claim,
        deliver=gateway.make_deliver,
        close=close,
        batch=2 * gateway.settings.work.concurrency,
        ending=ending,
    )


def _dispatch_loop(gateway: Gateway, step: Step, then: Hint) -> DispatchLoop:
    return DispatchLoop(
        step=step,
        claim=gateway.steps.claim,
        work=gateway.plan if step is Step.PLAN else gateway.render,
        postpone=gateway.steps.postpone,
        batch=DISPATCH_BATCH,
        large=gateway.large,
        then=then,
    )


class Workers:
    """The threads of `gateway serve`."""

    def __init__(self, gateway: Gateway) -> None:
        self.hints = Hints()
        self._stop = threading.Event()
        self._deliver = _deliver_loop(gateway, self._stop.is_set)
        loops: Sequence[tuple[Loop, Hint]] = (
            (_dispatch_loop(gateway, Step.PLAN, self.hints.render), self.hints.plan),
            (_dispatch_loop(gateway, Step.RENDER, self.hints.deliver), self.hints.render),
            (self._deliver, self.hints.deliver),
            (
                ReconcileLoop(reconcile=gateway.reconcile, batch=RECONCILE_BATCH),
                self.hints.reconcile,
            ),
        )
        self._threads = [
            threading.Thread(target=run_until_stopped, args=(loop, self._stop, hint), name=f"gateway-{loop.name}")
            for loop, hint in loops
        ]

    def start(self) -> None:
        """Starts working."""
        for thread in self._threads:
            thread.start()

    def wind_down(self) -> None:
        """Takes nothing new from now on. Safe in a signal handler: nothing else here holds this event's lock."""
        self._stop.set()

    def stop(self) -> None:
        """Finishes what is in hand, takes nothing new, and waits for that."""
        self._stop.set()
        for hint in self.hints.all():
            hint.wake()
        for thread in self._threads:
            thread.join()
        self._deliver.close()

    @property
    def alive(self) -> bool:
        """Whether every thread still runs."""
        return all(thread.is_alive() for thread in self._threads)


def work(
    gateway: Gateway, *, until_idle: bool, max_seconds: float | None, stop: threading.Event | None = None
) -> dict[str, int]:
    """Does in this thread what is due, and says how much of each step.

    until_idle: again until nothing more is due; else each step once. Nothing new is taken after max_seconds or once
    `stop` is set; what is in hand is finished.
    """
    end = None if max_seconds is None else time.monotonic() + max_seconds

    def ending() -> bool:
        return (end is not None and time.monotonic() >= end) or (stop is not None and stop.is_set())

    deliver = _deliver_loop(gateway, ending)
    nobody = Hint()
    loops: Sequence[Loop] = (
        ReconcileLoop(reconcile=gateway.reconcile, batch=RECONCILE_BATCH),
        _dispatch_loop(gateway, Step.PLAN, nobody),
        _dispatch_loop(gateway, Step.RENDER, nobody),
        deliver,
    )
    done = {loop.name: 0 for loop in loops}
    try:
        while not ending():
            made = {loop.name: 0 if ending() else loop.run_once() for loop in loops}
            for name, count in made.items():
                done[name] += count
            if not until_idle or not any(made.values()):
                break
    finally:
        deliver.close()
    return done
