"""The outcome feed through a real OpenSSH server that falls over at every point."""

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from channels.sftp import link as links
from gateway.domain.codes import Code
from gateway.domain.feed import FeedState
from gateway.domain.problem import ServiceDown, SetupWrong
from tests.application.feeding import DAY, FeedStage
from tests.channels.case_servers import link_to
from tests.real.sshd import Sshd, running

pytestmark = pytest.mark.real


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    with running(tmp_path / "sshd", home=tmp_path) as server:
        yield server


@pytest.fixture
def on(tmp_path: Path, server: Sshd) -> Iterator[FeedStage]:
    link = link_to(server.folder, server, folder="feed")
    stage = FeedStage(tmp_path, link=link)
    stage.feed()
    yield stage
    stage.close()
    link.close()


def test_a_night_goes_out_and_its_answers_come_in(on: FeedStage) -> None:
    dispatch = on.decided()
    on.night()
    assert [path.name for path in (on.folder / "feed/outcomes").iterdir()] == ["outcomes-00000001.p7m"]
    on.answered()
    assert [one.state for one in on.ledger(dispatch)] == [FeedState.ACCEPTED]
    assert [path.name for path in (on.folder / "feed/out").iterdir()] == ["answer-000001.p7s.accepted.json"]


def test_while_the_server_is_away_nothing_counts_as_sent_and_a_recall_is_heeded(on: FeedStage, server: Sshd) -> None:
    wrong, good = on.decided(), on.decided()
    on.feed()
    server.kill()
    with pytest.raises(ServiceDown) as down:
        on.night()
    assert (down.value.code, down.value.where) == (Code.SFTP_UNAVAILABLE, "feed.server")
    on.recall(wrong)
    server.start()
    on.night()
    on.answered()
    assert (on.holds(), len(on.gcms.ledger)) == ({good.id: ("rejected",)}, 1)


@pytest.mark.parametrize("renamed", [True, False])
def test_a_server_lost_while_it_renames_leaves_doubt_and_the_same_batch_is_looked_for_before_it_is_put_again(
    on: FeedStage, server: Sshd, monkeypatch: pytest.MonkeyPatch, renamed: bool
) -> None:
    async def lost(client: asyncssh.SFTPClient, source: str, target: str) -> None:
        if renamed:
            await client.posix_rename(source, target)
        server.kill()
        await client.posix_rename(source, target)

    dispatch = on.decided()
    with monkeypatch.context() as patched:
        patched.setattr("channels.outcome_feed.sftp_place.move", lost)
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


def test_another_server_under_the_same_address_is_given_nothing(on: FeedStage, server: Sshd) -> None:
    on.decided()
    on.feed()
    server.kill()
    server.change_host_key()
    server.start()
    with pytest.raises(SetupWrong) as wrong:
        on.night()
    assert wrong.value.code is Code.SFTP_HOST_KEY
    assert not (on.folder / "feed/outcomes").exists()


def test_the_link_speaks_to_a_server_that_cannot_replace_by_renaming(
    server: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: object) -> None:
        raise asyncssh.SFTPOpUnsupported("")

    monkeypatch.setattr(asyncssh.SFTPClient, "posix_rename", unknown)
    link = link_to(server.folder, server, folder=".")
    for content in (b"one", b"other"):
        link.ask(lambda client, content=content: links.write(client, link.path("a.part"), content))  # type: ignore[misc]
        link.ask(lambda client: links.move(client, link.path("a.part"), link.path("a")))
    link.close()
    assert (server.home / "a").read_bytes() == b"other"
