"""A real Postfix for tests: Debian's, from a temporary folder, on a free loopback port, with STARTTLS and DSN.

Mail for `gw.test` (and any `+extension` of its addresses) lands in one Maildir; further transports are added by the
test that needs them, for example `{"good.test": "smtp:[127.0.0.1]:2725"}`. Nothing leaves the machine: every other
domain is refused by the transport map.
"""

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.real import need
from tests.real.certificates import Authority
from tests.real.ports import free_port

SERVER_NAME = "mx.gw.test"
"""What the server calls itself; its certificate bears this name and 127.0.0.1."""

_PATIENCE = 60.0  # seconds for what normally takes a fraction of one

_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix. `ca`: the root its certificate comes from, PEM."""

    folder: Path
    port: int
    ca: Path

    @property
    def log(self) -> str:
        """What Postfix wrote so far."""
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def messages(self) -> list[bytes]:
        """All delivered messages, in the order of their file names."""
        return [path.read_bytes() for path in sorted((self.folder / "mail/gw/new").glob("*"))]

    def wait_for(self, count: int) -> list[bytes]:
        """At least `count` delivered messages. Raises AssertionError with the log when they do not come."""
        end = time.monotonic() + _PATIENCE
        while len(found := self.messages()) < count:
            assert time.monotonic() < end, f"{len(found)} of {count} messages came:\n{self.log}"
            time.sleep(0.02)
        return found


@contextmanager
def running_postfix(
    transports: Mapping[str, str] | None = None, extra: Mapping[str, str] | None = None
) -> Generator[Postfix]:
    """A Postfix while the block runs. `transports`: domain to transport; `extra`: more lines of main.cf."""
    need.root()
    command = need.program("postfix", "postfix")
    folder = Path(tempfile.mkdtemp(prefix="gw-postfix-"))
    folder.chmod(0o755)  # the daemons that deliver run as another user
    try:
        postfix = _configured(folder, transports or {}, extra or {})
        _run(command, folder, "start")
        try:
            _wait_until_listening(postfix)
            yield postfix
        finally:
            _run(command, folder, "stop")
            _wait_until_gone(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configured(folder: Path, transports: Mapping[str, str], extra: Mapping[str, str]) -> Postfix:
    owner, group = pwd.getpwnam("postfix"), grp.getgrnam("postdrop")
    for name in ("spool", "data", "mail"):
        (folder / name).mkdir()
    for name in ("data", "mail"):
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    root = Authority.root()
    ca = folder / "ca.pem"
    ca.write_bytes(root.own.pem)
    certificate, key = root.server(SERVER_NAME, "127.0.0.1").write(folder, "server")
    routes = {"gw.test": "virtual:", **transports, "*": "error:5.1.2 no such domain in the test net"}
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": f"{folder}/spool",
        "data_directory": f"{folder}/data",
        "maillog_file": f"{folder}/log",
        "maillog_file_prefixes": str(folder),
        "setgid_group": group.gr_name,
        "myhostname": SERVER_NAME,
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "mydestination": "",
        "alias_maps": "",
        "alias_database": "",
        "smtp_dns_support_level": "disabled",
        "smtp_host_lookup": "native",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "transport_maps": "inline:{ " + " ".join(f"{{ {d} = {t} }}" for d, t in routes.items()) + " }",
        "virtual_mailbox_domains": "gw.test",
        "virtual_mailbox_base": f"{folder}/mail",
        "virtual_mailbox_maps": "static:gw/",
        "virtual_mailbox_limit": "0",
        "virtual_uid_maps": f"static:{owner.pw_uid}",
        "virtual_gid_maps": f"static:{owner.pw_gid}",
        "recipient_delimiter": "+",
        "message_size_limit": "20000000",
        # What arrives while it is told to reload is found at the next walk through the queue: 300 s otherwise.
        "queue_run_delay": "5s",
        "maximal_queue_lifetime": "0",
        "bounce_queue_lifetime": "0",
        "smtpd_tls_security_level": "may",
        "smtpd_tls_cert_file": str(certificate),
        "smtpd_tls_key_file": str(key),
        **extra,
    }
    port = free_port()
    (folder / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    (folder / "master.cf").write_text(_SERVICES.format(port=port))
    return Postfix(folder=folder, port=port, ca=ca)


def _run(command: str, folder: Path, action: str) -> None:
    done = subprocess.run(
        [command, "-c", str(folder), action],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": need.SYSTEM_PATH},
    )
    if action == "start":
        assert done.returncode == 0, f"postfix {action}: {done.returncode}\n{done.stdout}{done.stderr}"


def _wait_until_listening(postfix: Postfix) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with socket.create_connection(("127.0.0.1", postfix.port), timeout=1) as probe:
                probe.settimeout(_PATIENCE)
                if probe.recv(3) == b"220":
                    probe.sendall(b"QUIT\r\n")
                    return
        except OSError:
            assert time.monotonic() < end, f"Postfix does not answer:\n{postfix.log}"
            time.sleep(0.05)


def _wait_until_gone(folder: Path) -> None:
    """Until the master, which waits for its children, is gone; it is killed if it stays."""
    recorded = folder / "spool/pid/master.pid"
    pid = recorded.read_text().strip() if recorded.exists() else ""
    end = time.monotonic() + _PATIENCE
    while pid.isdecimal() and Path("/proc", pid).exists():
        if time.monotonic() > end:
            os.killpg(int(pid), signal.SIGKILL)
        time.sleep(0.02)
