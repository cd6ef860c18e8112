"""A real OpenLDAP server on free loopback ports, with TLS by a test authority."""

import base64
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.real import need
from tests.real.certificates import Authority
from tests.real.ports import free_port

BASE = "dc=registry,dc=example"
ADMIN, PASSWORD = f"cn=admin,{BASE}", "only-here"
_PATIENCE = 30.0
_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
disallow bind_anon
require authc
referral {elsewhere}
database mdb
suffix {base}
rootdn {admin}
rootpw {password}
directory {folder}/data
"""

Entry = Mapping[str, str | bytes | list[bytes]]


@dataclass(frozen=True)
class Slapd:
    """A running server. `ca`: what its certificate comes from; `password_file`: the administrator's."""

    folder: Path
    plain: int
    tls: int
    ca: Path
    password_file: Path

    @property
    def ldaps(self) -> str:
        """With TLS from the first byte."""
        return f"ldaps://localhost:{self.tls}"

    @property
    def starttls(self) -> str:
        """With StartTLS."""
        return f"ldap://localhost:{self.plain}"

    def add(self, name: str, **attributes: object) -> None:
        """An entry, with the attributes of an inetOrgPerson or others."""
        lines = [f"dn: {name}"]
        for attribute, values in attributes.items():
            for value in values if isinstance(values, list) else [values]:
                raw = value if isinstance(value, bytes) else str(value).encode()
                key = "userCertificate;binary" if attribute == "userCertificate" else attribute
                lines.append(f"{key}:: {base64.b64encode(raw).decode()}")
        call = [need.program("ldapadd", "ldap-utils"), "-x", "-H", f"ldap://127.0.0.1:{self.plain}"]
        call += ["-D", ADMIN, "-y", str(self.password_file)]
        done = subprocess.run(call, input="\n".join(lines) + "\n", text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr

    def person(self, name: str, mail: str, **attributes: object) -> None:
        """Somebody with an address."""
        whole = {"objectClass": "inetOrgPerson", "cn": name, "sn": name, "mail": mail} | attributes
        self.add(f"cn={name},{BASE}", **whole)


@contextmanager
def running(folder: Path) -> Iterator[Slapd]:
    """A server while the block runs; outside its base it refers to a port where nobody is."""
    program = need.program("slapd", "slapd")
    (folder / "data").mkdir(parents=True)
    root = Authority.root("Test directory root")
    root.server("localhost").write(folder, "server")
    (folder / "ca.pem").write_bytes(root.own.pem)
    (folder / "password").write_text(PASSWORD)
    plain, tls, nobody = free_port(), free_port(), free_port()
    (folder / "slapd.conf").write_text(
        _CONFIGURATION.format(
            folder=folder, base=BASE, admin=ADMIN, password=PASSWORD, elsewhere=f"ldap://127.0.0.1:{nobody}"
        )
    )
    listen = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"
    call = [program, "-f", str(folder / "slapd.conf"), "-h", listen, "-d", "0"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(call, stdout=log, stderr=log)
    server = Slapd(folder, plain, tls, folder / "ca.pem", folder / "password")
    try:
        _wait(server, process)
        server.add(BASE, objectClass=[b"dcObject", b"organization"], dc="registry", o="Registry")
        yield server
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait(server: Slapd, process: "subprocess.Popen[bytes]") -> None:
    call = [need.program("ldapsearch", "ldap-utils"), "-x", "-H", f"ldap://127.0.0.1:{server.plain}"]
    call += ["-D", ADMIN, "-y", str(server.password_file), "-b", "", "-s", "base"]
    until = time.monotonic() + _PATIENCE
    while subprocess.run(call, capture_output=True, check=False).returncode:
        assert process.poll() is None, (server.folder / "log").read_text()
        assert time.monotonic() < until
        time.sleep(0.1)
