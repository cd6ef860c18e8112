"""The drop folder on a real disk."""

from functools import partial
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.store.drop_folder import LocalDropFolder
from tests.contracts.drop_folder import DropFolderContract, Made


def local(base: Path, *, quiet: float = 0, lease: float = 600) -> LocalDropFolder:
    return LocalDropFolder(base, endings=[".asice"], where="drop.folder", quiet=quiet, lease=lease)


class TestLocalDropFolder(DropFolderContract):
    """`DropFolder` on this machine."""

    @pytest.fixture
    def base(self, tmp_path: Path) -> Path:
        """Looked into once."""
        base = tmp_path / "base"
        base.mkdir()
        local(base).take(1)
        return base

    @pytest.fixture
    def made(self, base: Path) -> Made:
        """On that folder."""
        return partial(local, base)


def test_a_folder_that_is_away_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ServiceDown) as down:
        local(tmp_path / "away").take(1)
    assert (down.value.code, down.value.where) == (Code.STORAGE_UNAVAILABLE, "drop.folder")
