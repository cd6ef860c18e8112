"""A GnuPG or an agent that hangs costs a call its time limit, never a worker; it is our fault then, never a key's."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys.bounded_gpg import TIME_LIMIT
from keys.openpgp import OpenPgpProtector
from keys.openpgp_reader import armored_in, open_openpgp
from keys.openpgp_room import OpenPgpRoom
from tests.keys.openpgp import PgpReader, own_key, reader
from tests.keys.test_openpgp import ENTITY, LATER
from tests.keys.test_openpgp_room import agents

pytestmark = pytest.mark.real

LIMIT = 2.0
"""Seconds, for calls that hang alone: one that works may take longer on a busy machine."""

HANGING = """#!/bin/sh
case " $* " in *" {word} "*) sleep 600 ;; esac
exec {gpg} "$@"
"""
"""GnuPG, but for the calls with one word: these wait in a process below, which keeps their pipes open."""


@pytest.fixture
def base() -> Iterator[Path]:
    """A short path of our own: pytest's are too long for a socket."""
    with tempfile.TemporaryDirectory(prefix="bound-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def one() -> PgpReader:
    return reader().knows(own_key())


@pytest.mark.parametrize("word", ["--list-config", "--import", "--encrypt"])
def test_a_call_that_hangs_is_ended_as_a_fault_of_ours_and_the_next_begins_anew(
    word: str, base: Path, one: PgpReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, key, gpg = one.address(), own_key(), shutil.which("gpg")
    program = base / "bin" / "gpg"
    program.parent.mkdir()
    program.write_text(HANGING.format(word=word, gpg=gpg))
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    room = OpenPgpRoom(base, time_limit=LIMIT)
    protector, begun = OpenPgpProtector(lambda: key, room), time.monotonic()
    with pytest.raises(SetupWrong) as caught:
        protector.protect(ENTITY, address=address, at=LATER)
    assert caught.value.code is Code.KEY_OPENPGP_PROGRAM
    assert time.monotonic() - begun < 60
    assert [path.name for path in base.iterdir()] == ["bin"]
    program.unlink()
    monkeypatch.setattr(room, "_time_limit", TIME_LIMIT)
    mime = protector.protect(ENTITY, address=address, at=LATER).mime
    assert open_openpgp(one.gpg, armored_in(mime), signer_fingerprint=key.fingerprint) == ENTITY
    room.close()


def test_an_agent_that_hangs_is_left_behind(base: Path, one: PgpReader, monkeypatch: pytest.MonkeyPatch) -> None:
    room = OpenPgpRoom(base)
    protector = OpenPgpProtector(own_key, room)
    protector.protect(ENTITY, address=one.address(), at=LATER)
    monkeypatch.setattr(room.gpg, "_bounds", ["timeout", "--signal=KILL", str(LIMIT)])
    stopped = stop_agents(room.gpg.gnupghome)
    try:
        with pytest.raises(SetupWrong) as caught:
            protector.protect(ENTITY, address=one.address(), at=LATER)
        assert caught.value.code is Code.KEY_OPENPGP_PROGRAM
        mime = protector.protect(ENTITY, address=one.address(), at=LATER).mime
        assert open_openpgp(one.gpg, armored_in(mime), signer_fingerprint=own_key().fingerprint) == ENTITY
    finally:
        for agent in stopped:
            os.kill(agent, signal.SIGKILL)
        room.close()


def stop_agents(folder: str) -> list[int]:
    """Every agent of a folder, stopped and seen so: one that has only been told may still answer a call."""
    stopped = agents(folder)
    assert stopped
    deadline = time.monotonic() + 30
    for agent in stopped:
        while state_of(agent) != "T":
            assert time.monotonic() < deadline, f"the agent is in state {state_of(agent)}"
            os.kill(agent, signal.SIGSTOP)  # again and again: seen once to sleep on, 30 seconds after the first
            time.sleep(0.01)
    assert agents(folder) == stopped
    return stopped


def state_of(process: int) -> str:
    """The letter of proc_pid_stat(5), which follows the name in brackets."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
