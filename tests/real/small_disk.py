"""A disk of a few megabytes that a test can fill or make read-only: a tmpfs, which only root can mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real import need


@dataclass(frozen=True)
class SmallDisk:
    """The disk, where it is mounted."""

    path: Path

    def fill(self) -> None:
        """Takes all the room there is."""
        with (self.path / "filler").open("wb", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def leave(self, size: int) -> None:
        """Takes all the room but `size` bytes, rounded down to whole pages."""
        self.fill()
        filler = self.path / "filler"
        os.truncate(filler, max(filler.stat().st_size - size, 0))

    def empty(self) -> None:
        """Gives the room back."""
        (self.path / "filler").unlink()

    def read_only(self) -> None:
        """Nothing can be written from now on."""
        _mount("-o", "remount,ro", str(self.path))

    def writable(self) -> None:
        """It can again."""
        _mount("-o", "remount,rw", str(self.path))


@contextmanager
def small_disk(folder: Path, size: str = "8m") -> Iterator[SmallDisk]:
    """A disk while the block runs. Skips the test where none can be mounted."""
    need.root()
    folder.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(folder))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no small disk can be mounted here: {error.stderr!r}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run([need.program("umount", "mount"), "-l", str(folder)], check=True, capture_output=True)


def _mount(*arguments: str) -> None:
    subprocess.run([need.program("mount", "mount"), *arguments], check=True, capture_output=True)
