"""Objects as files: owner-only, whole or not at all, and clear about what fails."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.store.objects import FileObjects

NAME = "3f" * 16


def files_in(folder: Path) -> dict[str, int]:
    """Every file and folder under `folder` with its mode."""
    return {str(one.relative_to(folder)): stat.S_IMODE(one.stat().st_mode) for one in folder.rglob("*")}


def failing_with(number: int) -> Callable[..., None]:
    """Something of the system that fails so."""

    def fail(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number), "/a/path/that/is/nobody's/business")

    return fail


def test_an_object_is_its_owners_alone_in_a_folder_by_its_first_digits(tmp_path: Path) -> None:
    """Whatever the process's umask says."""
    before = os.umask(0)
    try:
        FileObjects(tmp_path / "objects").put(NAME, b"sealed")
    finally:
        os.umask(before)
    assert files_in(tmp_path) == {"objects": 0o700, "objects/3f": 0o700, f"objects/3f/{NAME}": 0o600}


def test_the_same_name_again_replaces_the_object(tmp_path: Path) -> None:
    """Never meant, since names are random; but no half of either is left."""
    store = FileObjects(tmp_path / "objects")
    store.put(NAME, b"first, and longer")
    store.put(NAME, b"second")
    assert store.get(NAME) == b"second"


FAILURES = [
    (errno.ENOSPC, Code.STORAGE_FULL),
    (errno.EDQUOT, Code.STORAGE_FULL),
    (errno.EIO, Code.STORAGE_UNAVAILABLE),
    (errno.EROFS, Code.STORAGE_UNAVAILABLE),
]


@pytest.mark.parametrize(("number", "code"), FAILURES)
@pytest.mark.parametrize("before", [None, b"the object that stands"])
@pytest.mark.parametrize("step", ["gateway.store.objects.os.fsync", "gateway.store.objects.Path.replace"])
def test_a_put_that_fails_says_why_and_leaves_what_stood(  # noqa: PLR0917
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, before: bytes | None, number: int, code: Code
) -> None:
    """No half object, no draft, and no path in the problem."""
    store = FileObjects(tmp_path)
    store.put("3f" + "00" * 15, b"a neighbour")
    if before is not None:
        store.put(NAME, before)
    stood = files_in(tmp_path)
    monkeypatch.setattr(step, failing_with(number))
    with pytest.raises(ServiceDown) as raised:
        store.put(NAME, b"sealed")
    monkeypatch.undo()
    assert raised.value.code is code
    assert (raised.value.where, raised.value.facts) == (NAME, {"errno": number})
    assert "path" not in str(raised.value)
    assert files_in(tmp_path) == stood
    if before is not None:
        assert store.get(NAME) == before


SHORT_OF_SPACE = """
import pathlib, resource, sys
from gateway.domain.problem import ServiceDown
from gateway.store.objects import FileObjects
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
try:
    FileObjects(pathlib.Path(sys.argv[1])).put(sys.argv[2], bytes(200_000))
except ServiceDown as problem:
    print(problem.code.value)
"""


@pytest.mark.real
def test_a_limit_met_half_way_through_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """The system itself refuses the second half of the object."""
    command = [sys.executable, "-c", SHORT_OF_SPACE, str(tmp_path / "objects"), NAME]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "storage.full\n"
    assert set(files_in(tmp_path)) == {"objects", "objects/3f"}


def test_what_cannot_be_read_or_removed_is_said(tmp_path: Path) -> None:
    """A folder stands where the object should: reading and removing it fail as a broken disk would."""
    (tmp_path / "3f" / NAME).mkdir(parents=True)
    store = FileObjects(tmp_path)
    for operation in (store.get, store.delete):
        with pytest.raises(ServiceDown) as raised:
            operation(NAME)
        assert raised.value.code is Code.STORAGE_UNAVAILABLE


def test_a_link_is_never_followed_out_of_the_store(tmp_path: Path) -> None:
    """Replacing an object replaces a planted link, not what it points at."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"untouched")
    (tmp_path / "objects" / "3f").mkdir(parents=True)
    (tmp_path / "objects" / "3f" / NAME).symlink_to(outside)
    store = FileObjects(tmp_path / "objects")
    store.put(NAME, b"sealed")
    assert outside.read_bytes() == b"untouched"
    assert store.get(NAME) == b"sealed"
