"""GnuPG's folder: it lives as long as its process, several live side by side, and nothing usable is left behind."""

import multiprocessing
import stat
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import SetupWrong
from keys import openpgp_room
from keys.openpgp import OpenPgpProtector
from keys.openpgp_reader import armored_in, open_openpgp
from keys.openpgp_room import OpenPgpRoom
from tests.keys.openpgp import PgpReader, own_key, reader
from tests.keys.test_openpgp import ENTITY, LATER

pytestmark = pytest.mark.real


@pytest.fixture
def base() -> Iterator[Path]:
    """A short path of our own: pytest's are too long for a socket."""
    with tempfile.TemporaryDirectory(prefix="room-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def one() -> PgpReader:
    return reader().knows(own_key())


def send(base: Path, one: PgpReader) -> tuple[OpenPgpRoom, bytes]:
    room = OpenPgpRoom(base)
    return room, OpenPgpProtector(own_key, room).protect(ENTITY, address=one.address(), at=LATER).mime


def agents(folder: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"gpg-agent" in words[0] and folder.encode() in words:
            found.append(int(process.name))
    return found


def wait_until_ended(folder: Path) -> None:
    """An agent that is told to end says so, and ends a moment later."""
    ends = time.monotonic() + 60
    while agents(str(folder)):
        assert time.monotonic() < ends, "its agent lives on"
        time.sleep(0.05)


def test_the_folder_is_the_owners_alone_and_goes_with_its_agent(base: Path, one: PgpReader) -> None:
    room, _ = send(base, one)
    (folder,) = base.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(agents(str(folder))) == 1
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"PRIVATE KEY" not in path.read_bytes()
            assert own_key().passphrase.encode() not in path.read_bytes()
    room.close()
    assert list(base.iterdir()) == []
    wait_until_ended(folder)
    assert OpenPgpProtector(own_key, room).check(one.address(), LATER) is None, "it begins anew when asked again"
    room.close()


def test_the_agent_holds_nothing_that_signs(base: Path, one: PgpReader) -> None:
    room, _ = send(base, one)
    options = ["--sign", "--local-user", f"{own_key().fingerprint}!"]
    tried = room.gpg.encrypt(
        b"x", [one.fingerprint], always_trust=True, extra_args=[*options, "--pinentry-mode", "error"]
    )
    assert not tried.ok, "without the passphrase that only this process holds nobody signs"
    room.close()


def test_a_path_too_long_for_a_socket_is_passed_over(
    base: Path, one: PgpReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = base / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    room = OpenPgpRoom()
    assert not Path(room.gpg.gnupghome).is_relative_to(long)
    OpenPgpProtector(own_key, room).protect(ENTITY, address=one.address(), at=LATER)
    room.close()
    deep = OpenPgpRoom(long)
    with pytest.raises(SetupWrong) as caught:
        OpenPgpProtector(own_key, deep).protect(ENTITY, address=one.address(), at=LATER)
    assert caught.value.code is Code.KEY_OPENPGP_PROGRAM
    deep.close()


def test_the_longest_path_that_is_taken_is_one_the_agent_starts_in(base: Path, one: PgpReader) -> None:
    left = openpgp_room._LONGEST_SOCKET_PATH - openpgp_room._LONGEST_SOCKET_NAME - openpgp_room._RANDOM_NAME
    longest = base / ("x" * (left - len(openpgp_room._PREFIX) - len(f"{base}//")))
    longest.mkdir()
    room, mime = send(longest, one)
    assert mime
    room.close()


def test_without_gnupg_it_is_said_what_is_missing(base: Path, one: PgpReader, monkeypatch: pytest.MonkeyPatch) -> None:
    address = one.address()
    monkeypatch.setenv("PATH", str(base))
    with pytest.raises(SetupWrong) as caught:
        OpenPgpProtector(own_key, OpenPgpRoom(base)).check(address, LATER)
    assert caught.value.code is Code.KEY_OPENPGP_PROGRAM


def _work(base: Path, public: bytes, fingerprint: str, out: "multiprocessing.Queue[bytes]") -> None:
    address = PgpReader(room=OpenPgpRoom(), fingerprint=fingerprint).address(public)
    room = OpenPgpRoom(base)
    protector = OpenPgpProtector(own_key, room)
    for _ in range(5):
        out.put(protector.protect(ENTITY, address=address, at=LATER).mime)
    room.close()


def test_several_processes_work_at_once(base: Path, one: PgpReader) -> None:
    """As a prefork worker does: the parent has its room open already when its children begin theirs."""
    room, first = send(base, one)
    context = multiprocessing.get_context("fork")
    out: multiprocessing.Queue[bytes] = context.Queue()
    workers = [context.Process(target=_work, args=(base, one.public, one.fingerprint, out)) for _ in range(3)]
    for worker in workers:
        worker.start()
    made = [out.get(timeout=60) for _ in range(15)]
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    for mime in (first, *made):
        assert open_openpgp(one.gpg, armored_in(mime), signer_fingerprint=own_key().fingerprint) == ENTITY
    again = OpenPgpProtector(own_key, room).protect(ENTITY, address=one.address(), at=LATER).mime
    assert open_openpgp(one.gpg, armored_in(again), signer_fingerprint=own_key().fingerprint) == ENTITY
    room.close()
    assert list(base.iterdir()) == []


def _forked(room: OpenPgpRoom, out: "multiprocessing.Queue[str]") -> None:
    out.put(room.gpg.gnupghome)
    room.close()


def test_a_forked_child_makes_its_own_and_leaves_its_parents_alone(base: Path, one: PgpReader) -> None:
    room, _ = send(base, one)
    context = multiprocessing.get_context("fork")
    out: multiprocessing.Queue[str] = context.Queue()
    child = context.Process(target=_forked, args=(room, out))
    child.start()
    theirs = out.get(timeout=60)
    child.join(60)
    assert theirs != room.gpg.gnupghome
    assert not Path(theirs).exists()
    assert Path(room.gpg.gnupghome).exists()
    room.close()


def _stay(base: Path, address: RecipientChannel, sent: Event) -> None:
    room = OpenPgpRoom(base)
    OpenPgpProtector(own_key, room).protect(ENTITY, address=address, at=LATER)
    sent.set()
    time.sleep(60)
    room.close()


def test_what_a_killed_process_left_is_removed_by_the_next(
    base: Path, one: PgpReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = one.address()
    context = multiprocessing.get_context("fork")
    sent = context.Event()
    child = context.Process(target=_stay, args=(base, address, sent))
    child.start()
    assert sent.wait(60)
    (left,) = base.iterdir()
    living = OpenPgpRoom(base)
    monkeypatch.setattr(openpgp_room, "_YOUNG", -1)
    assert living.gpg
    assert left.exists(), "its process lives"
    child.kill()
    child.join(30)
    assert len(agents(str(left))) == 1
    other = OpenPgpRoom(base)
    assert other.gpg
    assert not left.exists()
    assert Path(living.gpg.gnupghome).exists()
    wait_until_ended(left)
    living.close()
    other.close()
