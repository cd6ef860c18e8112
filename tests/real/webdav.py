"""A real Apache with WebDAV on a free loopback port, over TLS, which lets in who shows a certificate of its authority:
no service of this machine."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.real import need
from tests.real.certificates import Authority
from tests.real.ports import free_port

_PATIENCE = 60.0
_AS_NOBODY = ("--reuid=65534", "--regid=65534", "--clear-groups")
_YET_MAY = ("--inh-caps=+dac_override,+fowner", "--ambient-caps=+dac_override,+fowner")
"""Apache refuses to be root, whose folders the tests' are."""
_MODULES = ("mpm_event", "authz_core", "ssl", "dav", "dav_fs", "alias")
_CONFIGURATION = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {at}/pid
ErrorLog {at}/log
ServerRoot {at}
DocumentRoot {at}/home
StartServers 1
DavLockDB {at}/locks
SSLEngine on
SSLCertificateFile {at}/server.pem
SSLCertificateKeyFile {at}/server.key
SSLVerifyClient require
SSLCACertificateFile {at}/clients.pem
<Directory {at}/home>
Dav On
Options None
AllowOverride None
Require all granted
</Directory>
Redirect 307 /moved/ https://localhost:{port}/
"""


@dataclass
class Webdav:
    """A server that can be killed and started again. `home`: what it shows. `ca`: whom to trust for it;
    `certificate`, `key`: ours; `strange`: a certificate, with its key beside, that it does not know."""

    folder: Path
    home: Path
    ca: Path
    certificate: Path
    key: Path
    strange: Path
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """On the same port as before."""
        (self.folder / "pid").unlink(missing_ok=True)
        call = [need.program("apache2", "apache2-bin"), "-D", "FOREGROUND", "-f", str(self.folder / "apache2.conf")]
        if os.geteuid() == 0:
            call = [need.program("setpriv", "util-linux"), *_AS_NOBODY, *_YET_MAY, *call]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(call, stdout=log, stderr=log, process_group=0)
        self._until(listening=True)

    def kill(self) -> None:
        """As a machine that loses its power: the server and all that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_PATIENCE)
            self._process = None
            self._until(listening=False)  # those it started die a moment later

    def _until(self, *, listening: bool) -> None:
        ends = time.monotonic() + _PATIENCE
        while True:
            with socket.socket() as probe:
                if (probe.connect_ex(("127.0.0.1", self.port)) == 0) is listening:
                    return
            assert time.monotonic() < ends, (self.folder / "log").read_text()
            assert self._process is None or self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def become_another(self) -> None:
        """From the next start on another authority speaks for it."""
        Authority.root("Somebody else").server("localhost").write(self.folder, "server")


@contextmanager
def running(folder: Path, home: Path | None = None) -> Iterator[Webdav]:
    """A server while the block runs. home: by default a folder in `folder`."""
    need.program("apache2", "apache2-bin")
    folder.mkdir(parents=True, exist_ok=True)
    at = home or folder / "shown"
    at.mkdir(exist_ok=True)
    (folder / "home").symlink_to(at.absolute())
    ours, clients = Authority.root("Test server root"), Authority.root("Test clients' root")
    ours.server("localhost").write(folder, "server")
    (folder / "ca.pem").write_bytes(ours.own.pem)
    (folder / "clients.pem").write_bytes(clients.own.pem)
    certificate, key = clients.client("gateway.test").write(folder, "client")
    strange, _ = ours.client("gateway.test").write(folder, "strange")
    server = Webdav(folder, at, folder / "ca.pem", certificate, key, strange)
    modules = Path("/usr/lib/apache2/modules")
    loaded = "\n".join(f"LoadModule {one}_module {modules}/mod_{one}.so" for one in _MODULES)
    text = _CONFIGURATION.format(port=server.port, at=folder)
    (folder / "apache2.conf").write_text(f"{loaded}\n{text}")
    server.start()
    try:
        yield server
    finally:
        server.kill()
