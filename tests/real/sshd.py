"""A real OpenSSH server on a free loopback port, of which one account alone may do SFTP: no service of this machine."""

import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.real import need
from tests.real.ports import free_port

_PATIENCE = 60.0
_CONFIGURATION = """
ListenAddress 127.0.0.1:{port}
HostKey {host_key}
PidFile none
AuthorizedKeysFile {authorized}
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
Subsystem sftp internal-sftp -d {home}
LogLevel VERBOSE
MaxStartups 100
"""


def new_key(path: Path, kind: str = "ed25519") -> str:
    """Makes a key pair where the tests are, and gives the public half as `TYPE BASE64`."""
    call = [need.program("ssh-keygen", "openssh-client"), "-q", "-t", kind, "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(call, check=True, capture_output=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


@dataclass
class Sshd:
    """A server that can be killed and started again. `home`: where its account finds itself. `client_key`: ours."""

    folder: Path
    home: Path
    host_key: str
    client_key: Path
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def user(self) -> str:
        """Who runs the tests."""
        return pwd.getpwuid(os.geteuid()).pw_name

    def start(self) -> None:
        """On the same port as before."""
        Path("/run/sshd").mkdir(exist_ok=True)  # where it shuts itself in before anybody is let in
        call = [need.program("sshd", "openssh-server"), "-D", "-e", "-f", str(self.folder / "sshd_config")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(call, stdout=log, stderr=log, start_new_session=True)
        ends = time.monotonic() + _PATIENCE
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert time.monotonic() < ends, (self.folder / "log").read_text()
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """As a machine that loses its power: the server and all its sessions."""
        if self._process is not None:
            for one in _family(self._process.pid):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            self._process.wait(_PATIENCE)
            self._process = None

    def become_another(self) -> None:
        """From the next start on it is another."""
        for one in self.folder.glob("host_key*"):
            one.unlink()
        new_key(self.folder / "host_key")


@contextmanager
def running(folder: Path, home: Path | None = None) -> Iterator[Sshd]:
    """A server while the block runs. home: by default a folder in `folder`."""
    need.root()
    need.program("sshd", "openssh-server")
    folder.mkdir(parents=True, exist_ok=True)
    at = home or folder / "home"
    at.mkdir(exist_ok=True)
    server = Sshd(folder, at, new_key(folder / "host_key"), folder / "client_key")
    (folder / "authorized").write_text(new_key(server.client_key) + "\n")
    (folder / "sshd_config").write_text(
        _CONFIGURATION.format(port=server.port, host_key=folder / "host_key", authorized=folder / "authorized", home=at)
    )
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _family(parent: int) -> list[int]:
    """The process and all that came of it. A session that ends by itself meanwhile is none any more."""
    found = [parent]
    for one in found:
        with suppress(FileNotFoundError, ProcessLookupError):
            children = Path(f"/proc/{one}/task/{one}/children").read_text()
            found.extend(int(child) for child in children.split())
    return found
