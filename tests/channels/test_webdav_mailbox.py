"""A folder into which others put files for us, at a real Apache with WebDAV."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.case_server import read_server
from channels.http.account import Account
from channels.webdav.mailbox import DavMailbox
from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong
from tests.channels.case_servers import server_file
from tests.real.webdav import Webdav, running

pytestmark = pytest.mark.real


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Webdav]:
    with running(tmp_path / "webdav") as server:
        (server.home / "receipts").mkdir()
        yield server


def mailbox(server: Webdav, folder: str = "receipts") -> DavMailbox:
    (server.folder / "server.toml").write_text(server_file(server, folder=folder))
    account = read_server(server.folder, "server.toml", "feed.server")
    assert isinstance(account, Account)
    return DavMailbox("receipts", account)


def test_whole_files_come_the_oldest_first_and_are_gone_when_they_are_let_go_of(server: Webdav) -> None:
    at = server.home / "receipts"
    for age, name in enumerate(("b é%2F.json", "a.json")):
        (at / name).write_bytes(name.encode())
        os.utime(at / name, (1_700_000_000 + age, 1_700_000_000 + age))
    for name in ("c.json.part", ".d.json"):
        (at / name).write_bytes(b"{")
    (at / "folder").mkdir()
    with mailbox(server).visit() as visit:
        arrivals = visit.arrivals()
        assert [(one.name, one.size) for one in arrivals] == [("b é%2F.json", 12), ("a.json", 6)]
        assert [visit.read(one, 100) for one in arrivals] == ["b é%2F.json".encode(), b"a.json"]
        assert visit.read(arrivals[0], 3) == "b é%2F.json".encode()[:4]
        visit.let_go(arrivals[0])
        visit.let_go(arrivals[0])
        assert visit.read(arrivals[0], 100) is None
        visit.wait(dt.timedelta(hours=1), lambda: True)
    assert sorted(one.name for one in at.iterdir()) == [".d.json", "a.json", "c.json.part", "folder"]


def met(mailbox: DavMailbox) -> tuple[type[Problem], Code]:
    with pytest.raises(Problem) as problem, mailbox.visit():
        pass
    assert problem.value.where == "receipts"
    return type(problem.value), problem.value.code


def test_a_folder_that_is_not_there_is_for_an_operator_and_a_server_that_is_away_may_come_back(server: Webdav) -> None:
    assert met(mailbox(server, "nowhere")) == (SetupWrong, Code.WEBDAV_FOLDER)
    assert met(mailbox(server, "moved/receipts")) == (SetupWrong, Code.WEBDAV_FOLDER)
    server.kill()
    assert met(mailbox(server)) == (ServiceDown, Code.WEBDAV_UNAVAILABLE)
