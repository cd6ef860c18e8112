"""A feed that is killed at each of its steps, and a recall then: on both databases, what was recalled is never told, or
told and withdrawn; and what else was in the batch arrives.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.outcome_feed.folder import FeedFolder
from gateway.application.feed.batches import Batches
from gateway.domain.codes import Code
from gateway.domain.feed import FeedState
from gateway.domain.problem import ServiceDown
from gateway.ports.feed import Put
from gateway.store.engine import SqlDatabase
from tests.application.feeding import FeedStage
from tests.real.postgresql import Postgresql


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FeedStage]:
    if request.param == "sqlite":
        stage = FeedStage(tmp_path)
        stage.feed()
        yield stage
        stage.close()
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    name = server.create()
    stage = FeedStage(tmp_path, database=SqlDatabase(server.url(name), server.server))
    stage.feed()
    yield stage
    stage.close()
    server.drop(name)


def killed(*_: object) -> bool:
    raise Killed


def killed_before_putting(*_: object) -> Put:
    raise Killed


def killed_after_putting(place: FeedFolder, name: str, content: bytes) -> Put:
    put(place, name, content)
    raise Killed


def away(*_: object) -> Put:
    raise ServiceDown(Code.STORAGE_UNAVAILABLE)


put = FeedFolder.put
STEPS = {
    "opened": (Batches, "_make", killed, False),
    "made": (Batches, "_begin", killed, False),
    "not put": (FeedFolder, "put", away, False),
    "putting": (FeedFolder, "put", killed_before_putting, True),
    "put": (FeedFolder, "put", killed_after_putting, True),
    "left": (FeedFolder, "put", put, True),
}


@pytest.mark.parametrize("step", STEPS)
def test_wherever_it_is_killed_a_recall_stops_the_line_or_withdraws_it(
    on: FeedStage, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    wrong, good = on.decided(), on.decided()
    owner, name, instead, may_have_left = STEPS[step]
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, instead)
        try:
            on.night()
        except (Killed, ServiceDown):
            pass
        else:
            assert step == "left"
    on.recall(wrong)
    (line,) = on.ledger(wrong)
    assert line.state is (FeedState.RECALLED if not may_have_left else line.state)
    for _ in range(3):
        on.night()
        on.answered()
    told = len(on.ledger(wrong))
    assert (told, len(on.gcms.ledger)) == ((2, 3) if may_have_left else (1, 1))
    assert on.holds() == {good.id: ("rejected",)}
    assert on.standing().open_batches == []
    assert (on.gcms.repeats, len(list(on.gcms.octets))) == (0, 2 if may_have_left else 1)


def test_what_lies_there_after_a_kill_is_seen_and_not_put_again(on: FeedStage, monkeypatch: pytest.MonkeyPatch) -> None:
    dispatch = on.decided()
    with monkeypatch.context() as patched:
        patched.setattr(FeedFolder, "put", killed_after_putting)
        with pytest.raises(Killed):
            on.night()
        patched.setattr(FeedFolder, "put", killed)
        on.feed()
    assert [one.state for one in on.ledger(dispatch)] == [FeedState.SENT]


def test_a_batch_is_put_after_the_one_before_it_and_names_it_as_it_went(
    on: FeedStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    on.decided()
    with monkeypatch.context() as patched:
        patched.setattr(FeedFolder, "put", away)
        with pytest.raises(ServiceDown):
            on.night()
        on.recall(on.decided())
        on.decided()
        with pytest.raises(ServiceDown):
            on.night()
    on.night()
    opened = [on.gcms.fetch(path) for path in on.gcms.arrived()]
    first, second = (one.control for one in opened if one is not None)
    assert second["previous"] == {"sequence": first["sequence"], "digest": first["digest"]}
