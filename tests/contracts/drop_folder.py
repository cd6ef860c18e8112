"""What every `DropFolder` keeps to."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.domain.problem import Problem
from gateway.ports.drop_folder import DropFolder, Dropped

Made = Callable[..., DropFolder]
"""A folder that takes `.asice`; quiet, lease: in seconds."""


def drop(base: Path, name: str, content: bytes = b"content") -> Path:
    """As its sender does."""
    path = base / "in" / name
    path.write_bytes(content)
    return path


def names(taken: Sequence[Dropped]) -> list[str]:
    """What was taken."""
    return [one.name for one in taken]


class DropFolderContract:
    """Subclasses bring the fixtures `made`, and `base`: where the folder lies on this machine, looked into once."""

    def test_what_is_half_written_hidden_of_another_kind_or_no_plain_file_is_left_alone(
        self, base: Path, made: Made
    ) -> None:
        for name in ("a.asice.part", ".b.asice", "notes.txt", f"{'x' * 200}.asice"):
            drop(base, name)
        (base / "in" / "folder.asice").mkdir()
        (base / "in" / "link.asice").symlink_to(drop(base, "elsewhere"))
        drop(base, "whole.asice")
        assert names(made().take(10)) == ["whole.asice"]
        assert len(list((base / "in").iterdir())) == 7

    def test_what_was_written_to_a_moment_ago_waits(self, base: Path, made: Made) -> None:
        path = drop(base, "a.asice")
        folder = made(quiet=60)
        assert folder.take(10) == []
        os.utime(path, (0, 0))
        assert names(folder.take(10)) == ["a.asice"]

    def test_of_two_who_look_one_has_it_and_it_is_taken_again_only_when_that_one_never_came_back(
        self, base: Path, made: Made
    ) -> None:
        drop(base, "a.asice")
        (dropped,) = made().take(10)
        assert (made().take(10), dropped.tries) == ([], 1)
        (again,) = made(lease=-1).take(10)
        assert (again.name, again.tries) == ("a.asice", 2)

    def test_a_file_of_the_same_name_dropped_meanwhile_is_another_file(self, base: Path, made: Made) -> None:
        drop(base, "a.asice", b"first")
        (first,) = made().take(10)
        drop(base, "a.asice", b"second")
        (second,) = made().take(10)
        assert [made().read(one, 100) for one in (first, second)] == [b"first", b"second"]

    def test_what_is_given_back_is_taken_as_if_for_the_first_time(self, base: Path, made: Made) -> None:
        drop(base, "a.asice")
        folder = made()
        folder.give_back(folder.take(10)[0])
        assert folder.take(10)[0].tries == 1

    def test_what_comes_back_again_and_again_keeps_nothing_that_is_new_from_being_taken(
        self, base: Path, made: Made
    ) -> None:
        for number in range(3):
            drop(base, f"old-{number}.asice")
        for dropped in made().take(3):
            made().give_back(dropped)
        drop(base, "new.asice")
        assert "new.asice" in names(made().take(2))

    def test_there_is_one_answer_whatever_was_answered_before(self, base: Path, made: Made) -> None:
        folder = made()
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

    def test_no_more_is_read_than_the_limit_and_one_octet(self, base: Path, made: Made) -> None:
        drop(base, "a.asice", bytes(1000))
        folder = made()
        assert len(folder.read(folder.take(1)[0], 10)) == 11

    def test_what_is_set_aside_is_never_taken_again_and_what_is_let_go_is_gone(self, base: Path, made: Made) -> None:
        for name in ("a.asice", "b.asice"):
            drop(base, name)
        folder = made()
        aside, gone = folder.take(10)
        folder.set_aside(aside)
        folder.let_go(gone)
        folder.let_go(gone)  # again, by whoever was killed before it was told
        assert list(made(lease=-1).take(10)) == []
        assert folder.refused() == 1
        assert [path.name for path in (base / "refused").iterdir()] == ["a.asice"]

    def test_a_folder_that_is_not_there_is_never_made(self, base: Path, made: Made) -> None:
        away = base.rename(base.with_name("away"))
        with pytest.raises(Problem):
            made().take(1)
        assert not base.exists()
        away.rename(base)
