"""The database goes away at each moment of an attempt: what is known is not lost, nothing is spent, nothing twice."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, DeliveryState, ResultName
from gateway.domain.events import EventName
from gateway.domain.problem import ServiceDown
from gateway.domain.reasons import Reason
from gateway.store.transaction import SqlTransaction
from tests.application.stage import PAUSE, Stage
from tests.contracts.fake_channel import FakeChannel

Made = tuple[Stage, FakeChannel]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    channel = FakeChannel()
    stage = Stage(tmp_path, channel)
    yield stage, channel
    stage.close()


@dataclass
class Away:
    """Breaks one writing transaction: `committed` says whether it was written all the same."""

    on: Stage
    committed: bool
    when: Callable[[], bool]
    broken: int = 0

    def write(self, real: Callable[[], AbstractContextManager[SqlTransaction]]) -> Callable[..., object]:
        """`Database.write`, that fails once."""

        @contextmanager
        def writing() -> Iterator[SqlTransaction]:
            if self.broken or not self.when():
                with real() as tx:
                    yield tx
                return
            self.broken += 1
            if self.committed:
                with real() as tx:
                    yield tx
            raise ServiceDown(Code.DATABASE_UNAVAILABLE)

        return writing


def breaking(on: Stage, monkeypatch: pytest.MonkeyPatch, when: Callable[[], bool], *, committed: bool) -> Away:
    """The database of the stage breaks once, when it is time."""
    away = Away(on=on, committed=committed, when=when)
    monkeypatch.setattr(on.database, "write", away.write(on.database.write))
    return away


def ended(on: Stage, dispatch: str) -> int:
    """How many ends of attempts are recorded."""
    with on.database.read() as tx:
        return sum(one.name is EventName.ATTEMPT_ENDED for one in tx.records.events(dispatch))


def test_an_end_whose_commit_was_lost_on_the_way_back_is_recorded_once(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, channel = made
    delivery = on.ready()
    away = breaking(on, monkeypatch, lambda: bool(channel.sent), committed=True)
    on.deliver()
    assert away.broken == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert (len(channel.sent), ended(on, delivery.dispatch)) == (1, 1)


@pytest.mark.parametrize("committed", [True, False])
def test_a_start_that_may_not_have_been_written_sends_nothing_and_is_due_again_unspent(
    made: Made, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    on, channel = made
    delivery = on.ready()
    (item,) = on.claim(10)
    breaking(on, monkeypatch, lambda: True, committed=committed)
    with pytest.raises(ServiceDown):
        asyncio.run(on.make(*item))
    after = on.delivery(delivery.id)
    assert (after.state, after.attempts, after.next_action_at) == (DeliveryState.DEFERRED, 0, on.clock.now() + PAUSE)
    (attempt,) = on.attempts(delivery.id)
    assert (attempt.result, attempt.reason) == (ResultName.NOT_SENT, Reason.STORE_UNREADABLE)
    assert channel.sent == []
    on.clock.move(PAUSE)
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(channel.sent) == 1


def test_papers_that_a_database_away_keeps_from_us_spend_no_attempt(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, channel = made
    delivery = on.ready()
    (item,) = on.claim(10)
    look_up = on.database.look_up

    def failing() -> AbstractContextManager[SqlTransaction]:
        monkeypatch.setattr(on.database, "look_up", look_up)
        raise ServiceDown(Code.DATABASE_UNAVAILABLE)

    monkeypatch.setattr(on.database, "look_up", failing)
    with pytest.raises(ServiceDown):
        asyncio.run(on.make(*item))
    assert on.delivery(delivery.id).attempts == 0
    attempt: Attempt = on.attempts(delivery.id)[0]
    assert attempt.started_at is None
    assert channel.sent == []
