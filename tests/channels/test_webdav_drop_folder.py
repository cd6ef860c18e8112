"""The drop folder at a real Apache with WebDAV."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from channels.webdav.drop_folder import DavDropFolder
from channels.webdav.link import DavLink
from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong
from tests.channels.case_servers import webdav_link
from tests.contracts.drop_folder import DropFolderContract, Made, drop
from tests.real.webdav import Webdav, running

pytestmark = pytest.mark.real

LINKS: list[DavLink] = []
"""Opened by a test."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Webdav]:
    with running(tmp_path / "webdav") as server:
        (server.home / "case").mkdir()
        yield server
        while LINKS:
            LINKS.pop().close()


def at(
    server: Webdav, *, quiet: float = 0, lease: float = 600, every: float = 0, folder: str = "case", **changes: Any
) -> DavDropFolder:
    LINKS.append(webdav_link(server.folder, server, folder=folder, **changes))
    return DavDropFolder(LINKS[-1], endings=[".asice"], where="drop.server", every=every, quiet=quiet, lease=lease)


class TestDavDropFolder(DropFolderContract):
    """`DropFolder` by WebDAV."""

    @pytest.fixture
    def base(self, server: Webdav) -> Path:
        """Looked into once."""
        at(server).take(1)
        return server.home / "case"

    @pytest.fixture
    def made(self, server: Webdav) -> Made:
        """On that folder."""
        return partial(at, server)


def test_a_server_that_falls_over_gives_back_nothing_half_taken_and_is_asked_again(server: Webdav) -> None:
    folder = at(server)
    folder.take(1)
    drop(server.home / "case", "a.asice")
    server.kill()
    with pytest.raises(ServiceDown) as down:
        folder.take(1)
    assert (down.value.code, down.value.where) == (Code.WEBDAV_UNAVAILABLE, "drop.server")
    server.start()
    (taken,) = folder.take(1)
    server.kill()
    with pytest.raises(ServiceDown):
        folder.answer(taken, "accepted", b"{}")
    server.start()
    folder.answer(taken, "accepted", b"{}")
    folder.let_go(taken)
    assert [path.name for path in (server.home / "case/out").iterdir()] == ["a.asice.accepted.json"]


def test_names_with_every_sign_come_through_and_stay_in_their_folder(server: Webdav) -> None:
    folder = at(server)
    folder.take(1)
    names = ["a b.asice", "a%2Fb.asice", "a?b#c.asice", "é~1~2~.asice", "%2e%2e.asice", "&amp;<.asice"]
    for name in names:
        drop(server.home / "case", name, name.encode())
    taken = folder.take(10)
    assert sorted(one.name for one in taken) == sorted(names)
    assert all(folder.read(one, 100) == one.name.encode() for one in taken)
    for one in taken:
        folder.set_aside(one)
    assert sorted(path.name for path in (server.home / "case/refused").iterdir()) == sorted(names)


def wrong(folder: DavDropFolder) -> tuple[type[Problem], Code]:
    with pytest.raises(Problem) as problem:
        folder.take(1)
    return type(problem.value), problem.value.code


def test_only_the_server_of_the_pinned_authority_is_spoken_to_and_it_lets_in_only_us(server: Webdav) -> None:
    strange: dict[str, Any] = {"certificate": str(server.strange), "key_file": str(server.strange.with_suffix(".key"))}
    assert wrong(at(server, **strange)) == (SetupWrong, Code.WEBDAV_LOGIN)
    server.kill()
    server.become_another()
    server.start()
    assert wrong(at(server)) == (SetupWrong, Code.WEBDAV_CERTIFICATE)


def test_a_redirection_is_not_followed(server: Webdav) -> None:
    assert wrong(at(server, folder="moved/case")) == (SetupWrong, Code.WEBDAV_FOLDER)
    assert list((server.home / "case").iterdir()) == []


def test_a_server_that_had_nothing_is_left_alone_for_a_while(server: Webdav) -> None:
    folder = at(server, every=3600)
    assert not folder.take(1)
    drop(server.home / "case", "a.asice")
    assert not folder.take(1)
