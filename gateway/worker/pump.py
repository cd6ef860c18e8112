"""The loops that move work: due rows are found in the database, claimed, worked on and finished one by one.

`gateway serve` runs them on threads, `gateway work` until nothing is due; a distributed worker calls the same
`run_once`. This is the worker's edge: the one place where an unforeseen error of a use case is caught, so that a
poison row stops neither its neighbours nor the process.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from gateway import event_loop
from gateway.application.large import LargeGate
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.problem import ServiceDown
from gateway.logs import Log, cause_of
from gateway.ports.work import LeaseLost
from gateway.worker import figures
from gateway.worker.figures import Result
from gateway.worker.queues import Queue

log = Log()

IDLE_WAIT = 0.5
"""Seconds between looks at the database when nothing was due and no hint came."""


class Hint:
    """Wakes a loop early. Losing one costs at most `IDLE_WAIT`: the database is the truth."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def wake(self) -> None:
        """There may be work."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Until woken, or for that long."""
        self._event.wait(seconds)
        self._event.clear()


class Loop(Protocol):
    """A step that can be run again and again."""

    @property
    def name(self) -> str:
        """For logs and thread names."""
        ...

    def run_once(self) -> int:
        """Does what is due, and says how much that was."""
        ...


class Postpone(Protocol):
    """`DispatchSteps.postpone`."""

    def __call__(self, dispatch: Dispatch, cause: str, *, spent: bool) -> None:
        """Sets the dispatch aside."""
        ...


@dataclass(frozen=True, kw_only=True)
class Further:
    """The next step of a dispatch that whoever did the last one keeps claimed and goes on with. `queue`: whose work it
    counts as."""

    queue: Queue
    dispatch: Dispatch
    work: Callable[[], None]


class DispatchLoop:
    """Plan or render: one claimed dispatch after the other, and with what follows if the step says so. `then` hears
    which ones the next step may take."""

    def __init__(
        self,
        *,
        queue: Queue,
        step: Step,
        claim: Callable[[Step, int], Sequence[Dispatch]],
        work: Callable[[Dispatch], Further | None],
        within: Callable[[], AbstractContextManager[None]],
        postpone: Postpone,
        batch: int,
        large: LargeGate,
        then: Callable[[Sequence[str]], None],
    ) -> None:
        self.name = step.value
        """within: goes round all that is done with one dispatch."""
        self._queue = queue
        self._step = step
        self._claim = claim
        self._work = work
        self._within = within
        self._postpone = postpone
        self._batch = batch
        self._large = large
        self._then = then

    def run_once(self) -> int:
        """Works on one batch of due dispatches."""
        claimed = self._claim(self._step, self._batch)
        done = [dispatch.id for dispatch in claimed if self._one(dispatch)]
        if done:
            self._then(done)
        return len(claimed)

    def _one(self, dispatch: Dispatch) -> bool:
        """Whether the step came to its end, and what follows to its own."""
        with self._large.turn(dispatch.size), self._within():
            return self._step_of(self._queue, dispatch, lambda: self._work(dispatch))

    def _step_of(self, queue: Queue, dispatch: Dispatch, work: Callable[[], Further | None]) -> bool:
        begun = time.monotonic()
        try:
            further = work()
        except LeaseLost:
            _lost(queue, dispatch)
        except Exception as error:  # noqa: BLE001  (the worker's edge)
            self._failed(queue, dispatch, error)
        else:
            figures.item(queue, Result.DONE, time.monotonic() - begun)
            return further is None or self._step_of(further.queue, further.dispatch, further.work)
        return False

    def _failed(self, queue: Queue, dispatch: Dispatch, error: Exception) -> None:
        step = dispatch.step.value
        log.error("step-failed", step=step, dispatch=dispatch.id, attempt=dispatch.attempts, **cause_of(error))
        figures.item(queue, Result.FAILED)
        cause = cause_of(error)["cause"]
        try:
            self._postpone(dispatch, cause, spent=not isinstance(error, ServiceDown))
        except LeaseLost:
            _lost(queue, dispatch)


def _lost(queue: Queue, dispatch: Dispatch) -> None:
    log.warning("lease-lost", step=dispatch.step.value, dispatch=dispatch.id)
    figures.item(queue, Result.LEASE_LOST)


class ReconcileLoop:
    """Leases that ran out."""

    name = "reconcile"

    def __init__(self, *, reconcile: Callable[[int], int], batch: int) -> None:
        self._reconcile = reconcile
        self._batch = batch

    def run_once(self) -> int:
        """Settles one batch of lapsed leases."""
        settled = self._reconcile(self._batch)
        for _ in range(settled):
            figures.item(Queue.MAINTAIN, Result.DONE)
        return settled


class ReceiveLoop:
    """What came back and is not read yet."""

    name = "receive"

    def __init__(self, *, read: Callable[[int], int], batch: int) -> None:
        self._read = read
        self._batch = batch

    def run_once(self) -> int:
        """Reads one batch."""
        return self._read(self._batch)


class CallLoop:
    """Calls to systems that want to be told."""

    name = "call"

    def __init__(self, *, call: Callable[[int], int], batch: int) -> None:
        self._call = call
        self._batch = batch

    def run_once(self) -> int:
        """Makes one batch."""
        return self._call(self._batch)


class DeliverLoop:
    """Attempts side by side on one event loop that lives as long as this object, so that connections stay warm."""

    name = "deliver"

    def __init__(
        self,
        *,
        claim: Callable[[int], Sequence[tuple[Delivery, Attempt]]],
        deliver: Callable[[], Callable[[Delivery, Attempt], Awaitable[None]]],
        close: Callable[[], Coroutine[Any, Any, None]],
        batch: int,
        ending: Callable[[], bool],
    ) -> None:
        """ending: whether nothing new is to be taken any more; what is in hand is finished."""
        self._claim = claim
        self._make_deliver = deliver
        self._close_channels = close
        self._batch = batch
        self._ending = ending
        self._runner = event_loop.runner()
        self._deliver: Callable[[Delivery, Attempt], Awaitable[None]] | None = None

    def run_once(self) -> int:
        """Claims and makes attempts until none is due or the loop is ending; returns how many."""
        return self._runner.run(self._until_none_due())

    def close(self) -> None:
        """Lets go of warm connections."""
        with self._runner as own:  # which ends also where the leave-taking breaks off
            own.run(self._close_channels())

    async def _until_none_due(self) -> int:
        if self._deliver is None:
            self._deliver = self._make_deliver()
        made = 0
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                claimed = await self._claim_for(self._batch - len(running))
                running |= {asyncio.create_task(self._one(*item)) for item in claimed}
                made += len(claimed)
                if not running:
                    return made
                _, running = await asyncio.wait(running, timeout=IDLE_WAIT, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # When claiming fails, what is in hand would stand still with this loop, its messages half sent.
            if running:
                await asyncio.wait(running)

    async def _claim_for(self, free: int) -> Sequence[tuple[Delivery, Attempt]]:
        """New work once half the places are free, so that a claim is worth its transaction."""
        if self._ending() or 2 * free < self._batch:
            return ()
        return await asyncio.to_thread(self._claim, free)

    async def _one(self, delivery: Delivery, attempt: Attempt) -> None:
        assert self._deliver is not None  # noqa: S101  (set before any task is made)
        begun = time.monotonic()
        try:
            await self._deliver(delivery, attempt)
            figures.item(Queue.DELIVER, Result.DONE, time.monotonic() - begun)
        except LeaseLost:
            log.warning("lease-lost", step=self.name, delivery=delivery.id)
            figures.item(Queue.DELIVER, Result.LEASE_LOST)
        except Exception as error:  # noqa: BLE001  (the worker's edge: the lease runs out and the sweeper settles it)
            log.error("attempt-failed", delivery=delivery.id, attempt=attempt.id, **cause_of(error))
            figures.item(Queue.DELIVER, Result.FAILED)


def guarded(what: str, work: Callable[[], int]) -> int:
    """What the work says; 0 when it breaks: of things done one after the other, none stops those behind it. Raises
    ServiceDown, which is everybody's."""
    try:
        return work()
    except ServiceDown:
        raise
    except Exception as error:  # noqa: BLE001  (the worker's edge)
        log.error("upkeep-failed", what=what, **cause_of(error))
        return 0


def run_until_ending(
    name: str, run_once: Callable[[], int], ending: Callable[[], bool], hint: Hint, *, enough: int = 1
) -> None:
    """Runs a loop until it is ending; what it had claimed is finished first. enough: after a round that did so much
    the next comes at once, after any other within `IDLE_WAIT`."""
    while not ending():
        figures.beat()
        try:
            done = run_once()
        except Exception as error:  # noqa: BLE001  (the worker's edge: the database may be away for a moment)
            log.error("loop-failed", loop=name, **cause_of(error))
            done = 0
        if done < enough:
            hint.wait(IDLE_WAIT)
