"""What is taken from the exchange before the attempt that left it has its end on record."""

import asyncio
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gateway.domain.delivery import DeliveryState, ResultName
from gateway.ports.exchange import PaperToLeave
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.application.test_exchange import with_names


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    stage.verified()
    yield stage
    stage.close()


def take(on: Exchanged, places: int = 9) -> None:
    """The recipient takes what lies there, at most so many documents of it."""
    (left,) = on.collect.all(ACCOUNT)
    for place in range(len(left.entry.documents))[:places]:
        list(on.collect.document(ACCOUNT, left.entry.id, place).parts)


class Killed(BaseException):
    """The worker, in the middle."""


class TakenAtOnce:
    """Whoever leaves something finds it taken before they hear that it lies there. dies: and never hears it."""

    def __init__(self, on: Exchanged, *, places: int = 9, dies: bool = False) -> None:
        self._on, self._leave, self._places, self._dies = on, on.leave.leave, places, dies

    async def __call__(self, reference: str, account: str, papers: Sequence[PaperToLeave]) -> dt.datetime:
        at = await self._leave(reference, account, papers)
        await asyncio.to_thread(take, self._on, self._places)
        if self._dies:
            raise Killed
        return at


def test_what_is_taken_before_the_end_of_its_attempt_is_written_is_delivered(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on.leave, "leave", TakenAtOnce(on))
    delivery = on.left()
    assert delivery.state is DeliveryState.DELIVERED
    (attempt,) = on.attempts(delivery.id)
    assert attempt.result is ResultName.HANDED_OVER


def test_what_is_taken_after_its_worker_died_is_delivered_once_the_lease_is_over(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = on.to_leave()
    with monkeypatch.context() as dying:
        dying.setattr(on.leave, "leave", TakenAtOnce(on, dies=True))
        with pytest.raises(Killed):
            on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.SENDING
    on.clock.move(dt.timedelta(hours=1))
    assert on.reconcile(10) == 1
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED


def test_of_what_is_taken_in_part_by_then_nothing_is_said_before_the_rest_is(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: with_names(drawn(papers), "TC6_Decision.pdf", "é.pdf"))
    monkeypatch.setattr(on.leave, "leave", TakenAtOnce(on, places=1))
    delivery = on.left()
    assert delivery.state is DeliveryState.HANDED_OVER
    take(on)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
