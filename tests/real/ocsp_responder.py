"""A real OCSP responder on a free loopback port: `openssl ocsp`, as an authority would run one."""

import datetime as dt
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.keys.pki import Authority, Order, ec_key, key_pem, pem
from tests.real import need
from tests.real.ports import free_port

_PATIENCE = 60.0
_DAY = dt.timedelta(days=1)


class OcspResponder:
    """What answers for the certificates of one authority, by a delegate of it (RFC 6960 §4.2.2.2).

    `url`: where it will answer, so that certificates can name it before it runs.
    """

    def __init__(self, folder: Path, authority: Authority) -> None:
        self._folder = folder
        self._authority = authority
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/"

    @contextmanager
    def running(self, *good: x509.Certificate) -> Iterator[None]:
        """It answers while the block runs: "good" for these certificates, "unknown" for all others."""
        call = [need.program("openssl", "openssl"), "ocsp", "-port", str(self._port), "-ndays", "1"]
        call += ["-index", str(self._index(good)), *self._signing()]
        with (self._folder / "ocsp.log").open("wb") as log:
            process = subprocess.Popen(call, stdout=log, stderr=log)
        try:
            self._wait(process)
            yield
        finally:
            process.terminate()
            process.wait(_PATIENCE)

    def _index(self, good: Sequence[x509.Certificate]) -> Path:
        path = self._folder / "index.txt"
        path.write_text("".join(map(_line, good)))
        return path

    def _signing(self) -> list[str]:
        now = dt.datetime.now(dt.UTC)
        order = Order(name="Responder", not_before=now - _DAY, not_after=now + _DAY)
        order.extended = (ExtendedKeyUsageOID.OCSP_SIGNING,)
        order.extensions = ((x509.OCSPNoCheck(), False),)
        key = ec_key()
        files = {"CA": pem(self._authority.certificate), "rsigner": pem(self._authority.issue(order, key))}
        files["rkey"] = key_pem(key)
        options = []
        for name, content in files.items():
            path = self._folder / f"ocsp-{name}.pem"
            path.write_bytes(content)
            options += [f"-{name}", str(path)]
        return options

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + _PATIENCE
        while b"waiting for OCSP client connections" not in (self._folder / "ocsp.log").read_bytes():
            assert process.poll() is None, (self._folder / "ocsp.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)


def _line(certificate: x509.Certificate) -> str:
    """As `openssl ca` writes it; the serial number in whole octets, or it is not found."""
    serial = certificate.serial_number
    octets = serial.to_bytes((serial.bit_length() + 7) // 8, "big").hex().upper()
    return f"V\t{certificate.not_valid_after_utc:%y%m%d%H%M%SZ}\t\t{octets}\tunknown\t/CN=nobody\n"
