"""A home by its command line, each call a process of its own; and those who sign for it and receive from it."""

import datetime as dt
import hashlib
import json
import os
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509

from tests.application.packages import raw
from tests.e2e.forked import gateway
from tests.e2e.lately import minimal
from tests.keys.pki import Authority, Order, ec_key, key_pem, pem

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass
class Home:
    """A folder for a home, and the gateway as a process on it."""

    folder: Path
    language: str = "en"
    more: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.folder / "home"

    def run(self, *arguments: str | Path, expect: int = 0, on: bool = True) -> subprocess.CompletedProcess[str]:
        """`gateway …`, on this home unless `on` is False; fails when it exits otherwise than expected."""
        place = ["--home", str(self.path)] if on else []
        done = gateway([*place, *map(str, arguments)], self.environment(), timeout=60)
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        return clean | {"GATEWAY_LANGUAGE": self.language} | self.more

    def json(self, *arguments: str | Path, expect: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", expect=expect).stdout)

    def refused(self, *arguments: str | Path, expect: int) -> Any:
        """The problem document of a refusal: alone on standard output, with words for a person on standard error."""
        done = self.run(*arguments, "--json", expect=expect)
        document = json.loads(done.stdout)
        assert set(document) <= {"type", "title", "status", "code", "detail", "where"}
        assert document["type"] == f"urn:decision-gateway:problem:{document['code']}"
        assert document["detail"] in done.stderr
        assert "Traceback" not in done.stderr
        return document

    def made(self, *arguments: str | Path) -> "Home":
        self.run("init", *arguments)
        return self

    def state(self) -> dict[str, tuple[int, bytes]]:
        """Mode and content of everything below the folder."""
        return {
            str(path.relative_to(self.folder)): (
                stat.S_IMODE(path.stat().st_mode),
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.folder.rglob("*"))
        }


def ordered(order: Order) -> Order:
    order.not_before, order.not_after = NOW - 30 * DAY, NOW + 300 * DAY
    return order


def reader(authority: Authority, **changes: Any) -> x509.Certificate:
    order = ordered(Order(name="Reader", uses=("key_agreement",)))
    for name, value in changes.items():
        setattr(order, name, value)
    return authority.issue(order, ec_key())


def directory(folder: Path, certificate: x509.Certificate, **changes: Any) -> Path:
    (folder / "cbsa.pem").write_bytes(pem(certificate))
    way = {"type": "encrypted-email", "address": "a@b.example", "protection": "smime", "certificate": "cbsa.pem"}
    entry: dict[str, Any] = {"id": "cbsa-gta", "name": "CBSA, Hearings", "kind": "minister-counsel", "language": "fr"}
    entry |= {"organization": "CBSA", "channels": [way], "divisions": ["RPD", "IAD"], "offices": ["toronto"]} | changes
    file = folder / "directory.json"
    file.write_text(json.dumps({"recipients": [entry]}))
    return file


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate, as the gateway shows it."""
    return hashlib.sha256(der).hexdigest()


@dataclass(frozen=True)
class Signed:
    """A signer that the home trusts, with what it needs to build packages."""

    home: Home
    key: Path
    certificate: Path

    def built(self, name: str, **changes: Any) -> Path:
        folder = self.home.folder / name
        (folder / "documents").mkdir(parents=True)
        decision = minimal(**changes)
        for document in decision["documents"]:
            document |= {"path": document["path"].replace(".pdf", ".md"), "media_type": "text/markdown"}
            (folder / document["path"]).write_text("# Reasons\n\nIt is so.\n")
        (folder / "decision.json").write_bytes(raw(decision))
        output = folder / "package.asice"
        self.home.run(
            *("package", "build", folder / "decision.json", "--documents", folder / "documents"),
            *("--key", self.key, "--cert", self.certificate, "-o", output),
        )
        return output


def signed_for(home: Home, authority: Authority) -> Signed:
    """Makes the home, and a signer that it trusts for the RPD."""
    home.made()
    signer = authority.signer(ordered(Order(name="Signer")))
    anchor, crl = home.folder / "anchor.pem", home.folder / "root.crl"
    anchor.write_bytes(pem(authority.certificate))
    crl.write_bytes(authority.crl(since=NOW - DAY, until=NOW + DAY))
    home.run("keys", "trust", anchor, "--divisions", "RPD", "--crl", crl)
    made = Signed(home=home, key=home.folder / "signer.key", certificate=home.folder / "signer.pem")
    made.key.write_bytes(key_pem(signer.private_key))
    made.certificate.write_bytes(pem(signer.certificate))
    return made
