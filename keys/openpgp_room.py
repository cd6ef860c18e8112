"""The folder in which GnuPG works for one process: a GNUPGHOME made anew, and removed at the end.

Nothing in it lasts (docs/adr/0006): the gateway's signing key is put there protected under its own random
passphrase, which only this process holds, and the recipients' keys come from the directory, each as it is pinned.
So several processes share nothing, no key of a former day is there to be taken by mistake, and an agent that outlives
a killed process holds nothing that opens.

The agent keeps no passphrase and stretches none (`s2k-count`): stretching costs 400 ms a message and adds nothing to a
passphrase of 256 random bits.
"""

import fcntl
import logging
import os
import shutil
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import gnupg

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys.bounded_gpg import TIME_LIMIT, BoundedGpg, bounds

_PREFIX = "gateway-pgp-"
_LOCK = "lock"
_LONGEST_SOCKET_NAME = len("/S.gpg-agent.browser")
_LONGEST_SOCKET_PATH = 106
"""`sun_path` is 108 bytes with the closing NUL (unix(7)), and the agent starts under no path that fills it."""
_RANDOM_NAME = 8
_YOUNG = 60
"""Seconds in which a folder may not be locked yet by who is making it."""

_AGENT = "s2k-count 65536\ndefault-cache-ttl {0}\nmax-cache-ttl {0}\nallow-loopback-pinentry\n"
_OPTIONS = ["--no-auto-key-locate", "--no-auto-key-retrieve", "--no-auto-check-trustdb", "--no-emit-version"]

logging.getLogger("gnupg").setLevel(logging.CRITICAL)  # it logs user IDs, and the beginning of what it decrypts


class OpenPgpRoom:
    """GnuPG, ready when it is first asked for. One for a process; a forked child makes its own.

    `base`: where the folder goes; by default the first place that is short enough for the agent's socket.
    `remember`: seconds for which the agent keeps a passphrase. Only making a key needs it: GnuPG asks the agent for it
    again within the same command, and with 0 it is gone whenever a second ends in between.
    `time_limit`: seconds for one call of GnuPG. One that was ended takes the folder with it, and an agent that does not
    answer any more; the next call begins anew.
    """

    def __init__(self, base: Path | None = None, *, remember: int = 0, time_limit: float = TIME_LIMIT) -> None:
        self._base = base
        self._remember = remember
        self._time_limit = time_limit
        self._lock = threading.RLock()
        self._owner = 0
        self._gpg: gnupg.GPG | None = None
        self._close: weakref.finalize[..., OpenPgpRoom] | None = None
        self._present: set[str] = set()

    @property
    def gpg(self) -> gnupg.GPG:
        """python-gnupg on this folder. Raises SetupWrong (key.openpgp-program) where GnuPG does not run, and out
        of each of its calls that is not done within the time limit."""
        with self._lock:
            if self._gpg is None or self._owner != os.getpid():
                self._gpg = self._open()
            return self._gpg

    def ensure(self, name: str, key: bytes) -> None:
        """Imports `key`, once for each `name`. Raises SetupWrong (key.openpgp-program)."""
        gpg = self.gpg
        with self._lock:
            if name not in self._present:
                with suppress(OSError):  # GnuPG gave up before it had read all: then the key is missing when used
                    gpg.import_keys(key)
                self._present.add(name)

    def close(self) -> None:
        """Ends the agent and removes the folder. A later call of `gpg` begins anew."""
        with self._lock:
            if self._close is not None and self._owner == os.getpid():
                self._close()
            self._gpg, self._close = None, None
            self._present.clear()

    def _open(self) -> gnupg.GPG:
        base = self._base or _short_base()
        _sweep(base)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "gpg-agent.conf").write_text(_AGENT.format(self._remember))
        # In a forked child the parent's folder stays the parent's: it is only forgotten here.
        if self._close is not None:
            self._close.detach()
        self._owner, self._present = os.getpid(), set()
        self._close = weakref.finalize(self, _end, folder, lock, self._owner)
        try:
            gpg = BoundedGpg(
                time_limit=self._time_limit,
                ended=self.close,
                gnupghome=str(folder),
                options=_OPTIONS,
                env=_environment(),
            )
            _start_agent(folder, self._time_limit)
        except (OSError, ValueError, subprocess.SubprocessError):
            self._close()
            raise SetupWrong(Code.KEY_OPENPGP_PROGRAM) from None
        else:
            return gpg


def _environment() -> dict[str, str]:
    """Nothing of the user's own GnuPG, and no language of theirs in what is parsed."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _start_agent(folder: Path, time_limit: float) -> None:
    """Returns when it can be asked. GnuPG starts one too, but waits for it no longer than five seconds
    (SECS_TO_WAIT_FOR_AGENT of its common/asshelp.c): few where much begins at once. Raises OSError, SubprocessError."""
    command = [*bounds(time_limit), "gpg-agent", "--homedir", str(folder), "--daemon"]
    subprocess.run(  # noqa: S603
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment()
    )


def _short_base() -> Path:
    """Raises SetupWrong (key.openpgp-program) where there is no folder for the agent's socket."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    # mkdtemp makes the room in it
    for place in filter(None, (runtime, tempfile.gettempdir(), "/dev/shm", "/tmp")):  # noqa: S108  # nosec B108
        longest = len(place) + 1 + len(_PREFIX) + _RANDOM_NAME + _LONGEST_SOCKET_NAME
        if longest <= _LONGEST_SOCKET_PATH and os.access(place, os.W_OK | os.X_OK):
            return Path(place)
    raise SetupWrong(Code.KEY_OPENPGP_PROGRAM)


def _sweep(base: Path) -> None:
    """Removes what killed processes left: folders of ours whose lock nobody holds."""
    for folder in _left(base):
        with suppress(OSError):
            lock = os.open(folder / _LOCK, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            _remove(folder, lock)


def _left(base: Path) -> Iterator[Path]:
    for folder in base.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = folder.stat()
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > _YOUNG:
                yield folder


def _end(folder: Path, lock: int, owner: int) -> None:
    if os.getpid() == owner:
        _remove(folder, lock)


def _remove(folder: Path, lock: int) -> None:
    with suppress(OSError, subprocess.SubprocessError):
        command = ["gpgconf", "--homedir", str(folder), "--kill", "all"]
        subprocess.run(command, check=False, capture_output=True, timeout=5)  # noqa: S603
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        os.close(lock)
