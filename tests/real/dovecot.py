"""A real Dovecot for tests: Debian's, from a temporary folder, on a free loopback port, with TLS, over one Maildir.

Every account with the right password sees that Maildir, which a Postfix of the tests may deliver into.
"""

import imaplib
import os
import pwd
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.real import need
from tests.real.certificates import Authority
from tests.real.ports import free_port

PASSWORD = "a-password-of-the-tests"
_PATIENCE = 60.0
_OWNER = "postfix"
"""Who owns the Maildir: the user as whom Postfix delivers into it."""

_SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{maildir}:INDEX={folder}/index:CONTROL={folder}/control
first_valid_uid = 1
first_valid_gid = 1
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running Dovecot. `port` speaks TLS from the start, `starttls` after a command. `ca`: its root, PEM."""

    folder: Path
    maildir: Path
    port: int
    starttls: int
    ca: Path

    @property
    def log(self) -> str:
        """What Dovecot wrote so far."""
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def put(self, name: str, raw: bytes) -> None:
        """A message as a mail system leaves it in a Maildir."""
        owner = pwd.getpwnam(_OWNER)
        path = self.maildir / "tmp" / name
        path.write_bytes(raw)
        os.chown(path, owner.pw_uid, owner.pw_gid)
        path.rename(self.maildir / "new" / name)

    def lying(self, folder: str = "") -> list[bytes]:
        """What lies in the INBOX, or in a folder beside it."""
        place = self.maildir / f".{folder}" if folder else self.maildir
        return [path.read_bytes() for part in ("cur", "new") for path in sorted((place / part).glob("*"))]

    def shown(self) -> list[bytes]:
        """What a mail program is shown of the INBOX by IMAP, oldest first; looking changes nothing."""
        context = ssl.create_default_context(cafile=self.ca)
        with imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context) as session:
            session.login("counsel", PASSWORD)
            session.select("INBOX", readonly=True)
            _, parts = session.fetch("1:*", "(BODY.PEEK[])")
        return [part[1] for part in parts if isinstance(part, tuple)]

    def number_anew(self) -> None:
        """Forgets what the messages were numbered: the INBOX has another UIDVALIDITY from now on."""
        for path in (*(self.folder / "control").rglob("dovecot-uid*"), *(self.folder / "index").rglob("dovecot*")):
            path.unlink(missing_ok=True)


@contextmanager
def running_dovecot(maildir: Path | None = None) -> Generator[Dovecot]:
    """A Dovecot while the block runs, over that Maildir or one of its own."""
    need.root()
    command = need.program("dovecot", "dovecot-imapd")
    with tempfile.TemporaryDirectory(prefix="gw-dovecot-", ignore_cleanup_errors=True) as name:
        dovecot = _configured(Path(name), maildir or Path(name) / "mail")
        process = subprocess.Popen(
            [command, "-F", "-c", dovecot.folder / "dovecot.conf"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PATH": need.SYSTEM_PATH},
            start_new_session=True,
        )
        try:
            _wait_until_listening(dovecot, process)
            yield dovecot
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # asked to end, it would wait for those who are logged in
            process.communicate(timeout=_PATIENCE)


def _configured(folder: Path, maildir: Path) -> Dovecot:
    owner = pwd.getpwnam(_OWNER)
    folder.chmod(0o755)
    for made in (*(maildir / part for part in ("cur", "new", "tmp")), *(folder / one for one in _ROOMS)):
        made.mkdir(parents=True, exist_ok=True)
        os.chown(made, owner.pw_uid, owner.pw_gid)
    os.chown(maildir, owner.pw_uid, owner.pw_gid)
    root = Authority.root()
    ca = folder / "ca.pem"
    ca.write_bytes(root.own.pem)
    certificate, key = root.server("mx.gw.test", "127.0.0.1").write(folder, "server")
    dovecot = Dovecot(folder=folder, maildir=maildir, port=free_port(), starttls=free_port(), ca=ca)
    (folder / "dovecot.conf").write_text(
        _SETTINGS.format(
            folder=folder,
            certificate=certificate,
            key=key,
            maildir=maildir,
            password=PASSWORD,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            port=dovecot.port,
            starttls=dovecot.starttls,
        )
    )
    return dovecot


_ROOMS = ("home", "index", "control")


def _wait_until_listening(dovecot: Dovecot, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with socket.create_connection(("127.0.0.1", dovecot.starttls), timeout=1) as probe:
                probe.settimeout(_PATIENCE)
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < end, f"Dovecot does not answer:\n{dovecot.log}"
            time.sleep(0.05)
