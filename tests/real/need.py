"""What a test does when a real program is missing: it says what to install, and is skipped."""

import os
import shutil
from pathlib import Path

import pytest

_DEBIAN_POSTGRESQL = sorted(str(one) for one in Path("/usr/lib/postgresql").glob("*/bin"))
SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", *_DEBIAN_POSTGRESQL[::-1]])
"""Daemons live outside a user's PATH; PostgreSQL's programs in a folder a version, the newest first."""


def program(name: str, package: str) -> str:
    """The program's path. Skips the test, naming the Debian package, where there is none."""
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        pytest.skip(f"{name} is missing: apt-get install {package} (make system)")
    return found


def root() -> None:
    """Skips the test for anyone but root."""
    if os.geteuid() != 0:
        pytest.skip("Postfix starts only as root: run the tests as root (continuous integration does)")


def folder(path: Path, command: str) -> None:
    """Skips the test, naming the command that makes it, where the folder is missing."""
    if not path.is_dir():
        pytest.skip(f"{path.name} is missing: {command} (make system)")
