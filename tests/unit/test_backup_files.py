"""Settings and keys out of a backup: all of them or none."""

from pathlib import Path

import pytest

from gateway.backup.home_files import unpack
from gateway.domain.problem import Conflict


def test_keys_that_stand_are_found_before_anything_is_written(tmp_path: Path) -> None:
    """Else a second try, the keys once moved away, would find the half home of the first."""
    key, home = tmp_path / "keys/kek.key", tmp_path / "home"
    key.parent.mkdir()
    key.write_bytes(b"mine")
    files = {"home/gateway.toml": f'[gateway]\nkey_dir = "{key.parent}"\n'.encode(), "keys/kek.key": b"theirs"}
    with pytest.raises(Conflict, match=r"^backup\.home-stands at .*/keys$"):
        unpack(files, home)
    assert (home.exists(), key.read_bytes()) == (False, b"mine")
    key.unlink()
    unpack(files, home)
    assert key.read_bytes() == b"theirs"
