"""A registry with its keys, recipients with theirs, and a home of the real gateway, all made at run time.

The gateway is only ever spoken to as others speak to it: by its command line, as a process of its own.
"""

import datetime as dt
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.bootstrap import open_database
from gateway.ports.database import Database
from gateway.settings import read_settings
from keys.cms.algorithms import PrivateKey
from tests.e2e.forked import gateway
from tests.e2e.lately import minimal
from tests.keys.pki import Authority, Order, ca_order, ec_key, key_pem, pem, rsa_key

if TYPE_CHECKING:
    from tests.real.engine import Engine

TODAY = dt.datetime.now(dt.UTC)
VALID = {"not_before": TODAY - dt.timedelta(days=30), "not_after": TODAY + dt.timedelta(days=300)}

RSA, EC = "cbsa-hearings-gta", "counsel-12345p"
"""The directory entries of the Minister's counsel (an RSA key) and of counsel (an EC key)."""


@dataclass(frozen=True)
class Reader:
    """A recipient with the key that opens what is sent to them."""

    key: PrivateKey
    certificate: x509.Certificate
    address: str

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Key and certificate as files for OpenSSL."""
        key, certificate = folder / f"{self.address}.key", folder / f"{self.address}.pem"
        key.write_bytes(key_pem(self.key))
        certificate.write_bytes(pem(self.certificate))
        return key, certificate


@dataclass
class World:
    """One home and those around it."""

    folder: Path
    mail: Mapping[str, object]
    """Settings of `[channels.encrypted-email]`."""
    database: Mapping[str, str | Path] = field(default_factory=dict)
    """Options of `gateway init` that say where the record is kept, beside what it takes by itself."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of every process on it."""
    settings: str = ""
    """More of gateway.toml, written before the channel."""
    domains: Mapping[str, str] = field(default_factory=dict)
    """Where an entry's mail goes, by entry: a domain of the test net; `gw.test` when it is not said."""
    readers: dict[str, Reader] = field(default_factory=dict)

    engine: "Engine | None" = None
    """Where workers are processes of their own, which start when something is to be done."""

    @property
    def home(self) -> Path:
        """The home."""
        return self.folder / "home"

    def run(self, *arguments: str | Path, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """`gateway …` as a process. Raises AssertionError when it exits otherwise than expected."""
        done = gateway(["--home", str(self.home), *map(str, arguments)], self.environment(), timeout=240)
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line of a process."""
        return [sys.executable, "-m", "gateway.cli.main", "--home", str(self.home), *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        """The variables of a process: ours without any of the gateway's."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        return clean | {"LANG": "C.UTF-8", "TMPDIR": str(self.folder / "tmp"), **self.variables}

    def json(self, *arguments: str | Path, expect: int = 0) -> Any:
        """What `gateway … --json` prints."""
        return json.loads(self.run(*arguments, "--json", expect=expect).stdout)

    def finish(self, dispatch: str) -> None:
        """Everything that is due of a dispatch is done: by this process, or by two workers."""
        if self.engine is None:
            self.run("work", "--until-idle")
            return
        for _ in range(2 - len(self.engine.parts)):
            self.engine.start("worker", "--processes", "1")
        database = open_database(self.home, read_settings(self.home, self.environment()))
        end = time.monotonic() + 60
        while _open(database, dispatch):
            assert time.monotonic() < end, [part.lines[-3000:] for part in self.engine.parts]
            time.sleep(0.1)
        database.close()

    def make(self) -> "World":
        """Makes the home with trust, recipients and the channel."""
        (self.folder / "tmp").mkdir()
        options = [part for pair in self.database.items() for part in pair]
        self.run("init", "--key-dir", self.folder / "keys", "--sender", "registry@gw.test", *options)
        self._write_settings()
        return self.furnish()

    def furnish(self) -> "World":
        """Trust and recipients for a home that stands."""
        self._trust()
        self._recipients()
        return self

    def _write_settings(self) -> None:
        table = "\n".join(f"{name} = {json.dumps(value)}" for name, value in self.mail.items())
        path = self.home / "gateway.toml"
        text = path.read_text()
        for line in filter(None, self.settings.splitlines()):
            name = line.split(" = ")[0]
            text = "\n".join(line if one.startswith(f"{name} = ") else one for one in text.splitlines())
        path.write_text(f"{text}\n[channels.encrypted-email]\n{table}\n")

    def set(self, table: str, **values: object) -> None:
        """Settings of a table of gateway.toml, in place of their defaults."""
        path = self.home / "gateway.toml"
        before, header, after = path.read_text().partition(f"\n[{table}]\n")
        assert header, table
        inside, next_header, rest = after.partition("\n[")
        lines = [one for one in inside.splitlines() if one.split(" = ")[0] not in values]
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        path.write_text(before + header + "\n".join(lines) + "\n" + next_header + rest)

    def _trust(self) -> None:
        root = Authority.root(_order(ca_order("Registry Root")))
        signer = root.signer(_order(Order(name="Registry Signer")))
        assert isinstance(signer.private_key, ec.EllipticCurvePrivateKey)
        self.signer_key, self.signer_cert = self.folder / "signer.key", self.folder / "signer.pem"
        self.signer_key.write_bytes(key_pem(signer.private_key))
        self.signer_cert.write_bytes(pem(signer.certificate))
        anchor, crl = self.folder / "anchor.pem", self.folder / "registry.crl"
        anchor.write_bytes(pem(root.certificate))
        until = TODAY + dt.timedelta(days=30)
        crl.write_bytes(root.crl(since=TODAY - dt.timedelta(days=1), until=until))
        self.run("keys", "trust", anchor, "--divisions", "RPD,RAD,ID,IAD", "--crl", crl)

    def _recipients(self) -> None:
        root = Authority.root(_order(ca_order("Recipients Root")))
        entries = []
        keys: Sequence[tuple[str, str, PrivateKey, str]] = (
            (RSA, "minister-counsel", rsa_key("e2e", 2048), "key_encipherment"),
            (EC, "counsel", ec_key(ec.SECP384R1()), "key_agreement"),
        )
        for name, kind, key, use in keys:
            address = f"{name}@{self.domains.get(name, 'gw.test')}"
            certificate = root.issue(_order(Order(name=f"Reader {kind}", uses=(use,))), key)
            self.readers[name] = Reader(key=key, certificate=certificate, address=address)
            (self.folder / f"{name}.der").write_bytes(certificate.public_bytes(Encoding.DER))
            way = {"type": "encrypted-email", "address": address, "protection": "smime", "certificate": f"{name}.der"}
            entry = {"id": name, "name": f"Reader {kind}", "kind": kind, "language": "en", "channels": [way]}
            entries.append(entry | ({"organization": "CBSA"} if kind == "minister-counsel" else {}))
        (self.folder / "directory.json").write_text(json.dumps({"recipients": entries}))
        self.run("recipients", "import", self.folder / "directory.json")

    def decision(self, folder: Path, **changes: Any) -> Path:
        """A decision.json with its documents beside it, Markdown reasons; returns its path."""
        folder.mkdir(parents=True, exist_ok=True)
        decision = minimal(package_id=str(uuid.uuid4()), **changes)
        (folder / "documents").mkdir(exist_ok=True)
        for document in decision["documents"]:
            document |= {"path": document["path"].replace(".pdf", ".md"), "media_type": "text/markdown"}
            (folder / document["path"]).write_text("# Reasons\n\nThe panel finds as follows.\n\n[1] It is so.\n")
        path = folder / "decision.json"
        path.write_text(json.dumps(decision))
        return path

    def package(self, name: str = "one", **changes: Any) -> Path:
        """A package built by `gateway package build`."""
        decision = self.decision(self.folder / "sources" / name, **changes)
        output = self.folder / f"{name}.asice"
        self.json(
            *("package", "build", decision, "--documents", decision.parent / "documents"),
            *("--key", self.signer_key, "--cert", self.signer_cert, "-o", output),
        )
        return output


def _open(database: Database, dispatch: str) -> bool:
    """Whether anything of the dispatch is still due."""
    with database.read() as tx:
        states = {one.state.value for one in tx.deliveries.of_dispatch(dispatch)}
    return not states or bool(states & {"planned", "ready", "sending", "deferred"})


def _order(order: Order) -> Order:
    order.not_before, order.not_after = VALID["not_before"], VALID["not_after"]
    return order
