"""The drop folder at a real OpenSSH server."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import asyncssh
import pytest

from channels.sftp import link as links
from channels.sftp.drop_folder import SftpDropFolder
from channels.sftp.link import SftpLink
from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown, SetupWrong
from tests.channels.case_servers import link_to
from tests.contracts.drop_folder import DropFolderContract, Made, drop
from tests.real.sshd import Sshd, running

pytestmark = pytest.mark.real

LINKS: list[SftpLink] = []
"""Opened by a test."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    with running(tmp_path / "sshd") as server:
        (server.home / "case").mkdir()
        yield server
        while LINKS:
            LINKS.pop().close()


def at(server: Sshd, *, quiet: float = 0, lease: float = 600, every: float = 0) -> SftpDropFolder:
    LINKS.append(link_to(server.folder, server, folder="case"))
    return SftpDropFolder(LINKS[-1], endings=[".asice"], where="drop.server", every=every, quiet=quiet, lease=lease)


class TestSftpDropFolder(DropFolderContract):
    """`DropFolder` by SFTP."""

    @pytest.fixture
    def base(self, server: Sshd) -> Path:
        """Looked into once."""
        at(server).take(1)
        return server.home / "case"

    @pytest.fixture
    def made(self, server: Sshd) -> Made:
        """On that folder."""
        return partial(at, server)


def test_a_server_that_falls_over_gives_back_nothing_half_taken_and_is_asked_again(server: Sshd) -> None:
    folder = at(server)
    folder.take(1)
    drop(server.home / "case", "a.asice")
    server.kill()
    with pytest.raises(ServiceDown) as down:
        folder.take(1)
    assert (down.value.code, down.value.where) == (Code.SFTP_UNAVAILABLE, "drop.server")
    server.start()
    (taken,) = folder.take(1)
    server.kill()
    with pytest.raises(ServiceDown):
        folder.answer(taken, "accepted", b"{}")
    server.start()
    folder.answer(taken, "accepted", b"{}")
    folder.let_go(taken)
    assert [path.name for path in (server.home / "case/out").iterdir()] == ["a.asice.accepted.json"]


def test_a_server_that_had_nothing_is_left_alone_for_a_while(server: Sshd) -> None:
    folder = at(server, every=3600)
    assert not folder.take(1)
    drop(server.home / "case", "a.asice")
    assert not folder.take(1)


def test_another_server_under_the_same_address_is_given_nothing(server: Sshd) -> None:
    folder = at(server)
    server.kill()
    server.become_another()
    server.start()
    with pytest.raises(SetupWrong) as wrong:
        folder.take(1)
    assert wrong.value.code is Code.SFTP_HOST_KEY


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
