"""The outcome feed through a real OpenSSH server, and through a real Apache, that fall over at every point."""

import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.feed import FeedState
from gateway.domain.problem import ServiceDown, SetupWrong
from tests.application.feeding import DAY, FeedStage
from tests.channels.case_servers import Afar, afar
from tests.real import sshd, webdav
from tests.real.sshd import Sshd
from tests.real.webdav import Webdav

pytestmark = pytest.mark.real

Server = Sshd | Webdav


@pytest.fixture(params=[sshd, webdav], ids=["sftp", "webdav"])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param.running(tmp_path / "server", home=tmp_path) as server:
        yield server


@pytest.fixture
def reached(server: Server) -> Iterator[Afar]:
    reached = afar(server, folder="feed")
    yield reached
    reached.close()


@pytest.fixture
def on(tmp_path: Path, reached: Afar) -> Iterator[FeedStage]:
    stage = FeedStage(tmp_path, afar=reached)
    stage.feed()
    yield stage
    stage.close()


def test_a_night_goes_out_and_its_answers_come_in(on: FeedStage) -> None:
    dispatch = on.decided()
    on.night()
    assert [path.name for path in (on.folder / "feed/outcomes").iterdir()] == ["outcomes-00000001.p7m"]
    on.answered()
    assert [one.state for one in on.ledger(dispatch)] == [FeedState.ACCEPTED]
    assert [path.name for path in (on.folder / "feed/out").iterdir()] == ["answer-000001.p7s.accepted.json"]


def test_while_the_server_is_away_nothing_counts_as_sent_and_a_recall_is_heeded(
    on: FeedStage, server: Server, reached: Afar
) -> None:
    wrong, good = on.decided(), on.decided()
    on.feed()
    server.kill()
    with pytest.raises(ServiceDown) as down:
        on.night()
    assert (down.value.code, down.value.where) == (reached.unavailable, "feed.server")
    on.recall(wrong)
    server.start()
    on.night()
    on.answered()
    assert (on.holds(), len(on.gcms.ledger)) == ({good.id: ("rejected",)}, 1)


@pytest.mark.parametrize("renamed", [True, False])
def test_a_server_lost_while_it_renames_leaves_doubt_and_the_same_batch_is_looked_for_before_it_is_put_again(
    on: FeedStage, server: Server, reached: Afar, monkeypatch: pytest.MonkeyPatch, renamed: bool
) -> None:
    async def lost(*asked: object) -> None:
        if renamed:
            await move(*asked)
        server.kill()
        await move(*asked)

    move = pkgutil.resolve_name(reached.moves)

    dispatch = on.decided()
    with monkeypatch.context() as patched:
        patched.setattr(reached.moves, lost)
        on.clock.move(DAY)
        on.feed()
    (batch,) = on.standing().open_batches
    assert (batch.put_at, batch.may_have_left) == (None, True)
    assert [one.state for one in on.ledger(dispatch)] == [FeedState.BATCHED]
    on.recall(dispatch)  # what may have left is withdrawn, not taken back
    server.start()
    for _ in range(3):
        on.night()
        on.answered()
    assert (on.holds(), len(on.gcms.ledger), on.gcms.repeats) == ({}, 2, 0)
    assert on.standing().open_batches == []


def test_another_server_under_the_same_address_is_given_nothing(on: FeedStage, server: Server, reached: Afar) -> None:
    on.decided()
    on.feed()
    server.kill()
    server.become_another()
    server.start()
    with pytest.raises(SetupWrong) as wrong:
        on.night()
    assert wrong.value.code is reached.another
    assert not (on.folder / "feed/outcomes").exists()
