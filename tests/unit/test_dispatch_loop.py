"""The loop that plans and renders: what a step has its own hand go on with counts, fails and is put off by itself."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext

from gateway.application.large import LargeGate
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.problem import ServiceDown
from gateway.ports.work import LeaseLost
from gateway.worker.pump import DispatchLoop, Further
from gateway.worker.queues import Queue
from tests.contracts.samples import a_dispatch


class Work:
    """Two packages that wait to be planned, each then rendered by `render`."""

    def __init__(self, render: Callable[[], None]) -> None:
        self.waiting = [a_dispatch(), a_dispatch()]
        self.postponed: list[tuple[str, Step, str, bool]] = []
        self.told: list[Sequence[str]] = []
        self.render = render

    def claim(self, _step: Step, limit: int) -> Sequence[Dispatch]:
        """See `DispatchSteps`."""
        return self.waiting[:limit]

    def plan(self, dispatch: Dispatch) -> Further | None:
        """Goes on with rendering the first; of the second there is nothing to render."""
        if dispatch is self.waiting[1]:
            return None
        return Further(queue=Queue.RENDER, dispatch=a_dispatch(id=dispatch.id, step=Step.RENDER), work=self.render)

    def postpone(self, dispatch: Dispatch, cause: str, *, spent: bool) -> None:
        """See `DispatchSteps`."""
        self.postponed.append((dispatch.id, dispatch.step, cause, spent))

    def run(self) -> int:
        """The loop, once."""
        loop = DispatchLoop(
            queue=Queue.INTAKE,
            step=Step.PLAN,
            claim=self.claim,
            work=self.plan,
            within=nullcontext,
            postpone=self.postpone,
            batch=2,
            large=LargeGate(),
            then=self.told.append,
        )
        return loop.run_once()


def test_what_was_planned_and_rendered_is_told_of() -> None:
    rendered: list[bool] = []
    work = Work(lambda: rendered.append(True))
    assert (work.run(), rendered, work.postponed) == (2, [True], [])
    assert work.told == [[one.id for one in work.waiting]]


def test_rendering_that_fails_is_put_off_as_rendering_and_told_to_nobody() -> None:
    def fails() -> None:
        raise ZeroDivisionError

    work = Work(fails)
    assert work.run() == 2
    first, second = work.waiting
    assert work.postponed == [(first.id, Step.RENDER, "ZeroDivisionError", True)]
    assert work.told == [[second.id]]


def test_a_service_that_is_away_while_rendering_spends_no_try() -> None:
    def away() -> None:
        raise ServiceDown(Code.STORAGE_UNAVAILABLE)

    work = Work(away)
    work.run()
    assert work.postponed == [(work.waiting[0].id, Step.RENDER, "storage.unavailable", False)]


def test_a_hand_that_lost_the_package_leaves_it_alone() -> None:
    def lost() -> None:
        raise LeaseLost

    work = Work(lost)
    assert (work.run(), work.postponed) == (2, [])
    assert work.told == [[work.waiting[1].id]]
