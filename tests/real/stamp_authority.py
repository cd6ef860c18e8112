"""A real time stamp authority (RFC 3161): `openssl ts` behind a tiny HTTP server on a loopback port."""

import datetime as dt
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.keys.pki import Authority, Order, ca_order, ec_key, key_pem, pem
from tests.real import need

_DAY = dt.timedelta(days=1)
_CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
signer_digest = sha256
"""


@dataclass
class StampAuthority:
    """A running authority. `ca`: its root, PEM; `down`: whether it answers 503; `asked`: how often it was asked."""

    folder: Path
    root: Authority
    url: str = ""
    down: bool = False
    digests: str = "sha256"
    asked: int = 0
    signed_by: str = "signer"
    answers: list[bytes] = field(default_factory=list)

    @property
    def ca(self) -> Path:
        """The root's file."""
        return self.folder / "root.pem"

    def stamp(self, query: bytes) -> bytes:
        """What `openssl ts` answers."""
        self.asked += 1
        paths = {name: self.folder / name for name in ("tsa.cnf", "query.tsq", "answer.tsr")}
        paths["tsa.cnf"].write_text(_CONFIGURATION.format(folder=self.folder, digests=self.digests))
        paths["query.tsq"].write_bytes(query)
        call = [need.program("openssl", "openssl"), "ts", "-reply", "-queryfile", str(paths["query.tsq"])]
        call += ["-config", str(paths["tsa.cnf"]), "-out", str(paths["answer.tsr"])]
        call += ["-signer", str(self.folder / f"{self.signed_by}.pem")]
        call += ["-inkey", str(self.folder / f"{self.signed_by}.key")]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        assert paths["answer.tsr"].exists(), done.stderr
        self.answers.append(paths["answer.tsr"].read_bytes())
        return self.answers[-1]

    def signer(self, name: str, authority: Authority | None = None, **changes: object) -> None:
        """A key that may stamp, under the root or another authority."""
        now = dt.datetime.now(dt.UTC)
        order = Order(name=name, not_before=now - _DAY, not_after=now + _DAY, extended=())
        order.extensions = ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),)
        for field_name, value in changes.items():
            setattr(order, field_name, value)
        key = ec_key()
        (self.folder / f"{name}.pem").write_bytes(pem((authority or self.root).issue(order, key)))
        (self.folder / f"{name}.key").write_bytes(key_pem(key))


def made(folder: Path) -> StampAuthority:
    """An authority that nobody can reach yet."""
    need.program("openssl", "openssl")
    now = dt.datetime.now(dt.UTC)
    order = ca_order("Time stamp root")
    order.not_before, order.not_after = now - 100 * _DAY, now + 100 * _DAY
    authority = StampAuthority(folder, Authority.root(order))
    authority.ca.write_bytes(pem(authority.root.certificate))
    (folder / "serial").write_text("01")
    authority.signer("signer")
    return authority


@contextmanager
def running(folder: Path) -> Iterator[StampAuthority]:
    """It answers over HTTP while the block runs."""
    authority = made(folder)

    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        """One request at a time reaches `openssl ts`."""

        def do_POST(self) -> None:
            """A query."""
            query = self.rfile.read(int(self.headers["Content-Length"]))
            with one_at_a_time:  # its files have one name
                body = b"" if authority.down else authority.stamp(query)
            self.send_response(503 if authority.down else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
