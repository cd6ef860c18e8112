"""What is damaged keeps nothing else of the feed from being told."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application.feed import round as feed_round
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch
from gateway.domain.feed import FeedState
from gateway.domain.problem import NoSuchThing, Problem, SetupWrong
from tests.application.feeding import FeedStage


@pytest.fixture
def on(tmp_path: Path) -> Iterator[FeedStage]:
    stage = FeedStage(tmp_path, near_real_time=True)
    stage.feed()
    yield stage
    stage.close()


def told(on: FeedStage) -> set[str]:
    on.answered()
    return set(on.holds())


def told_of(on: FeedStage) -> set[str]:
    """What the other side has, whatever else goes wrong here meanwhile."""
    for path in on.gcms.arrived():
        opened = on.gcms.fetch(path)
        assert opened is not None
        on.gcms.answer(opened)
    return set(on.holds())


def destroyed(on: FeedStage, dispatch: Dispatch) -> None:
    """What was kept of the package is damaged."""
    (path,) = (one for one in (on.folder / "vault").rglob("*") if one.name == dispatch.object_name)
    path.write_bytes(b"x" * 10)


def test_a_package_that_cannot_be_opened_keeps_no_other_from_being_told(on: FeedStage) -> None:
    broken = on.decided()
    destroyed(on, broken)
    good = on.decided()
    for _ in range(2):
        with pytest.raises((SetupWrong, NoSuchThing)):
            on.feed()
        on.clock.move(dt.timedelta(minutes=1))
    assert told_of(on) == {good.id}
    with pytest.raises(Problem):
        on.feed()
    assert on.standing().owed == 1, "it is not forgotten"


def test_as_many_as_are_looked_at_together_keep_none_behind_them_from_being_told(
    on: FeedStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_round, "_SOME", 2)
    for _ in range(2):
        destroyed(on, on.decided())
    good = on.decided()
    for _ in range(2):
        with pytest.raises((SetupWrong, NoSuchThing)):
            on.feed()
    assert told_of(on) == {good.id}
    others = {on.decided().id for _ in range(3)}
    with pytest.raises((SetupWrong, NoSuchThing)):
        on.feed.run()
    assert told_of(on) == {good.id, *others}, "a person's word is for all of them"
    assert on.standing().owed == 2, "and those that cannot be opened are owed still"


def test_a_line_that_is_damaged_is_for_staff_and_the_rest_of_its_batch_goes(on: FeedStage) -> None:
    broken, good = on.decided(), on.decided()
    real = on.vault.open

    def opened(key: object, context: str, sealed: bytes) -> bytes:
        if "feed" in context and context.endswith(on.ledger(broken)[0].id if on.ledger(broken) else "nothing"):
            raise SetupWrong(Code.SEAL_BROKEN, where="x")
        return real(key, context, sealed)  # type: ignore[arg-type]

    on.vault.open = opened  # type: ignore[method-assign]
    on.feed()
    on.feed()
    assert told(on) == {good.id}
    (line,) = on.ledger(broken)
    assert (line.state, line.batch) == (FeedState.NEEDS_PERSON, None)
    assert [one.id for one in on.standing().work] == [line.id]


def test_an_answer_that_goes_wrong_keeps_nothing_from_being_told(
    on: FeedStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    on.decided()

    def fails(_: int) -> None:
        raise SetupWrong(Code.SEAL_BROKEN, where="x")

    monkeypatch.setattr(on.feed, "_answers", fails)
    with pytest.raises(SetupWrong):
        on.feed()
    assert len(on.gcms.arrived()) == 1
