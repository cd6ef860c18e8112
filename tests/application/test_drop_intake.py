"""One file that cannot be dealt with holds up none of the others, and is told apart from a folder that is away."""

import errno
import os
from pathlib import Path

import pytest

from gateway.application.intake.drop_intake import DropIntake, DropRound, Kind
from gateway.domain.codes import Code
from gateway.domain.problem import Overloaded, Problem, ServiceDown, SetupWrong
from gateway.store.drop_folder import LocalDropFolder


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / "in" / name
        path.write_bytes(name.encode())
        os.utime(path, (0, 0))


class Desk:
    """An intake that keeps what it is given, and fails at the files that it is told to fail at."""

    def __init__(self, folder: Path) -> None:
        self.kept: list[str] = []
        self.fails: dict[str, Problem] = {}
        here = LocalDropFolder(folder, endings=[".p"], where="drop.folder", quiet=0)
        here.take(1)
        kind = Kind(ending=".p", limit=100, too_large=Code.PACKAGE_TOO_LARGE, take=self._take)
        self.look = DropIntake(here, (kind,), refusal=lambda one: {"code": one.code.value})

    def _take(self, raw: bytes) -> dict[str, object]:
        if raw.decode() in self.fails:
            raise self.fails[raw.decode()]
        self.kept.append(raw.decode())
        return {}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_while_too_much_waits_files_lie_unanswered_and_no_try_is_spent(desk: Desk, tmp_path: Path) -> None:
    put(tmp_path, "a.p", "b.p", "c.p")
    desk.fails["b.p"] = Overloaded(Code.INTAKE_OVERLOADED, waiting=1, retry_after=30)
    for _ in range(5):
        desk.look(10)
    assert "b.p" not in desk.kept
    assert not list((tmp_path / "out").glob("b.p.*"))
    desk.fails.clear()
    desk.look(10)
    assert sorted(desk.kept) == ["a.p", "b.p", "c.p"]


@pytest.mark.parametrize("fault", [errno.EACCES, errno.EIO])
def test_a_file_that_cannot_be_opened_is_refused_to_its_sender_and_the_others_are_taken(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    put(tmp_path, "a.p", "b.p", "c.p")
    real = os.open

    def opened(path: Path, flags: int) -> int:
        if str(path).endswith("a.p"):
            raise OSError(fault, "no")
        return real(path, flags)

    monkeypatch.setattr(os, "open", opened)
    assert desk.look(10) == DropRound(accepted=2, refused=1)
    monkeypatch.undo()
    assert desk.kept == ["b.p", "c.p"]
    assert '"drop.unreadable"' in (tmp_path / "out" / "a.p.refused.json").read_text()
    assert [one.name for one in (tmp_path / "refused").iterdir()] == ["a.p"]


def test_what_goes_wrong_with_one_file_is_said_after_the_others_were_taken_and_it_is_taken_again(
    desk: Desk, tmp_path: Path
) -> None:
    put(tmp_path, "a.p", "b.p", "c.p")
    desk.fails["a.p"] = SetupWrong(Code.SEAL_BROKEN, where="x")
    for _ in range(8):
        with pytest.raises(SetupWrong):
            desk.look(10)
    assert desk.kept == ["b.p", "c.p"]
    desk.fails.clear()
    assert desk.look(10).accepted == 1, "and was never counted as what breaks us"


def test_a_store_that_is_away_ends_the_look_and_no_good_file_is_taken_for_one_that_breaks_us(
    desk: Desk, tmp_path: Path
) -> None:
    names = [f"{number:02d}.p" for number in range(12)]
    put(tmp_path, *names)
    desk.fails = {name: ServiceDown(Code.DATABASE_UNAVAILABLE) for name in names}
    for _ in range(10):
        with pytest.raises(ServiceDown):
            desk.look(10)
    desk.fails.clear()
    while desk.look(10).accepted:
        pass
    assert sorted(desk.kept) == names
    assert list((tmp_path / "refused").iterdir()) == []


def test_what_is_not_ours_in_the_folder_of_what_was_taken_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    for name in (".nfs0001", "copy of a.p", "x~one~a.p"):
        stray = tmp_path / "taken" / name
        stray.write_bytes(b"")
        os.utime(stray, (0, 0))
    put(tmp_path, "a.p")
    assert desk.look(10).accepted == 1
    assert len(list((tmp_path / "taken").iterdir())) == 3
