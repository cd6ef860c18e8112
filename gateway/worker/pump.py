"""The loops that move work: due rows are found in the database, claimed, worked on and finished one by one.

`gateway serve` runs them on threads, `gateway work` until nothing is due; a distributed worker calls the same
`run_once`. This is the worker's edge: the one place where an unforeseen error of a use case is caught, so that a
poison row stops neither its neighbours nor the process.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

import structlog

from gateway.application.large import LargeGate
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.problem import ServiceDown
from gateway.logs import cause_of
from gateway.ports.work import LeaseLost

log = structlog.get_logger()

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


class DispatchLoop:
    """Plan or render: one claimed dispatch after the other."""

    def __init__(
        self,
        *,
        step: Step,
        claim: Callable[[Step, int], Sequence[Dispatch]],
        work: Callable[[Dispatch], None],
        postpone: Postpone,
        batch: int,
        large: LargeGate,
        then: Hint,
    ) -> None:
        self.name = step.value
        self._step = step
        self._claim = claim
        self._work = work
        self._postpone = postpone
        self._batch = batch
        self._large = large
        self._then = then

    def run_once(self) -> int:
        """Works on one batch of due dispatches."""
        claimed = self._claim(self._step, self._batch)
        for dispatch in claimed:
            self._one(dispatch)
        if claimed:
            self._then.wake()
        return len(claimed)

    def _one(self, dispatch: Dispatch) -> None:
        try:
            try:
                with self._large.turn(dispatch.size):
                    self._work(dispatch)
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001  (the worker's edge)
                log.error(
                    "step-failed", step=self.name, dispatch=dispatch.id, attempt=dispatch.attempts, **cause_of(error)
                )
                cause = cause_of(error)["cause"]
                self._postpone(dispatch, cause, spent=not isinstance(error, ServiceDown))
        except LeaseLost:
            log.warning("lease-lost", step=self.name, dispatch=dispatch.id)


class ReconcileLoop:
    """Leases that ran out."""

    name = "reconcile"

    def __init__(self, *, reconcile: Callable[[int], int], batch: int) -> None:
        self._reconcile = reconcile
        self._batch = batch

    def run_once(self) -> int:
        """Settles one batch of lapsed leases."""
        return self._reconcile(self._batch)


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
        self._runner = asyncio.Runner()
        self._deliver: Callable[[Delivery, Attempt], Awaitable[None]] | None = None

    def run_once(self) -> int:
        """Claims and makes attempts until none is due or the loop is ending; returns how many."""
        return self._runner.run(self._until_none_due())

    def close(self) -> None:
        """Lets go of warm connections."""
        self._runner.run(self._close_channels())
        self._runner.close()

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
        try:
            await self._deliver(delivery, attempt)
        except LeaseLost:
            log.warning("lease-lost", step=self.name, delivery=delivery.id)
        except Exception as error:  # noqa: BLE001  (the worker's edge: the lease runs out and the sweeper settles it)
            log.error("attempt-failed", delivery=delivery.id, attempt=attempt.id, **cause_of(error))


def run_until_stopped(loop: Loop, stop: threading.Event, hint: Hint) -> None:
    """Runs a loop until `stop`; what it had claimed is finished first."""
    while not stop.is_set():
        try:
            done = loop.run_once()
        except Exception as error:  # noqa: BLE001  (the worker's edge: the database may be away for a moment)
            log.error("loop-failed", loop=loop.name, **cause_of(error))
            done = 0
        if not done:
            hint.wait(IDLE_WAIT)
