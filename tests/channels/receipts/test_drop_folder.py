"""A folder is emptied of what is whole, and of nothing else."""

import datetime as dt
import os
import threading
import time
from pathlib import Path

import pytest

from channels.encrypted_email.receipts.drop_folder import DropFolder
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

LIMIT = 1_000


def names(folder: Path) -> list[str]:
    with DropFolder(folder).visit() as visit:
        return [one.name for one in visit.arrivals()]


def test_what_is_still_written_is_left_alone(tmp_path: Path) -> None:
    for name in ("b.eml", "a", ".hidden", "half.tmp", "half.part"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    assert names(tmp_path) == ["a", "b.eml"]


def test_in_a_maildir_new_is_looked_into(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
        (tmp_path / part / part).write_bytes(b"x")
    assert names(tmp_path) == ["new"]


def test_a_link_or_a_pipe_is_never_followed(tmp_path: Path) -> None:
    folder, secret = tmp_path / "drop", tmp_path / "secret"
    folder.mkdir()
    secret.write_bytes(b"of somebody else")
    (folder / "link").symlink_to(secret)
    os.mkfifo(folder / "pipe")
    assert names(folder) == []
    (folder / "file").write_bytes(b"x")
    with DropFolder(folder).visit() as visit:
        (arrival,) = visit.arrivals()
        (folder / "file").unlink()
        (folder / "file").symlink_to(secret)
        with pytest.raises(SetupWrong):
            visit.read(arrival, LIMIT)
    assert secret.read_bytes() == b"of somebody else"


def test_a_file_is_read_whole_up_to_the_limit_and_removed_when_let_go(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"x" * 10)
    (tmp_path / "large").write_bytes(b"x" * 5_000)
    with DropFolder(tmp_path).visit() as visit:
        large, small = visit.arrivals()
        assert (small.size, large.size) == (10, 5_000)
        assert visit.read(small, LIMIT) == b"x" * 10
        assert len(visit.read(large, LIMIT) or b"") == LIMIT + 1
        visit.let_go(small)
        visit.let_go(small)
        assert visit.read(small, LIMIT) is None
        assert [one.name for one in visit.arrivals()] == ["large"]


def test_a_file_that_comes_ends_the_wait(tmp_path: Path) -> None:
    with DropFolder(tmp_path).visit() as visit:
        threading.Timer(0.2, (tmp_path / "new.eml").write_bytes, (b"x",)).start()
        begun = time.monotonic()
        visit.wait(dt.timedelta(seconds=120), lambda: False)
        assert time.monotonic() - begun < 60


def test_what_is_no_folder_is_for_the_operator(tmp_path: Path) -> None:
    with pytest.raises(SetupWrong) as wrong, DropFolder(tmp_path / "missing").visit():
        pass
    assert wrong.value.code is Code.MAILBOX_FOLDER
