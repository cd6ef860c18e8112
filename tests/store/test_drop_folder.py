"""The drop folder on a real disk: what is taken, by whom, and how often."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.ports.drop_folder import Dropped
from gateway.store.drop_folder import LocalDropFolder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    made(tmp_path).take(1)
    return tmp_path


def made(base: Path, *, quiet: float = 0, lease: float = 600) -> LocalDropFolder:
    return LocalDropFolder(base, endings=[".asice"], where="drop.folder", quiet=quiet, lease=lease)


def drop(base: Path, name: str, content: bytes = b"content") -> Path:
    path = base / "in" / name
    path.write_bytes(content)
    return path


def names(taken: Sequence[Dropped]) -> list[str]:
    return [one.name for one in taken]


def test_what_is_half_written_hidden_of_another_kind_or_no_plain_file_is_left_alone(base: Path) -> None:
    for name in ("a.asice.part", ".b.asice", "notes.txt", f"{'x' * 200}.asice"):
        drop(base, name)
    (base / "in" / "folder.asice").mkdir()
    (base / "in" / "link.asice").symlink_to(drop(base, "elsewhere"))
    drop(base, "whole.asice")
    assert names(made(base).take(10)) == ["whole.asice"]
    assert len(list((base / "in").iterdir())) == 7


def test_what_was_written_to_a_moment_ago_waits(base: Path) -> None:
    path = drop(base, "a.asice")
    folder = made(base, quiet=60)
    assert folder.take(10) == []
    os.utime(path, (0, 0))
    assert names(folder.take(10)) == ["a.asice"]


def test_of_two_who_look_one_has_it_and_it_is_taken_again_only_when_that_one_never_came_back(base: Path) -> None:
    drop(base, "a.asice")
    (dropped,) = made(base).take(10)
    assert (made(base).take(10), dropped.tries) == ([], 1)
    (again,) = made(base, lease=-1).take(10)
    assert (again.name, again.tries) == ("a.asice", 2)


def test_a_file_of_the_same_name_dropped_meanwhile_is_another_file(base: Path) -> None:
    drop(base, "a.asice", b"first")
    (first,) = made(base).take(10)
    drop(base, "a.asice", b"second")
    (second,) = made(base).take(10)
    assert [made(base).read(one, 100) for one in (first, second)] == [b"first", b"second"]


def test_what_is_given_back_is_taken_as_if_for_the_first_time(base: Path) -> None:
    drop(base, "a.asice")
    folder = made(base)
    folder.give_back(folder.take(10)[0])
    assert folder.take(10)[0].tries == 1


def test_there_is_one_answer_whatever_was_answered_before(base: Path) -> None:
    folder = made(base)
    for name in ("a[1].asice", "a1.asice"):
        drop(base, name)
    plain, odd = sorted(folder.take(10), key=lambda one: len(one.name))
    for one in (odd, plain):
        folder.answer(one, "refused", b"{}")
    folder.answer(odd, "accepted", b'{"file": 1}')
    found = sorted(path.name for path in (base / "out").iterdir())
    assert len(found) == 2
    assert f"{odd.name}.accepted.json" in found
    assert f"{plain.name}.refused.json" in found


def test_no_more_is_read_than_the_limit_and_one_octet(base: Path) -> None:
    drop(base, "a.asice", bytes(1000))
    folder = made(base)
    assert len(folder.read(folder.take(1)[0], 10)) == 11


def test_a_folder_that_is_not_there_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(ServiceDown) as down:
        made(tmp_path / "away").take(1)
    assert (down.value.code, down.value.where) == (Code.STORAGE_UNAVAILABLE, "drop.folder")
    assert not (tmp_path / "away").exists()
