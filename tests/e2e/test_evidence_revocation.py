"""What authorities published over HTTP, and was relied on at an acceptance and at a sending, is in the evidence.

A registry's signer and a recipient, each under an issuing authority of its own that publishes a list and runs a real
`openssl ocsp`. What is exported is checked as the README in it says, by `unzip`, `sha256sum` and `openssl` alone, long
after: the authorities are gone, the recipient has another key, and the registry's anchor other intermediates.
"""

import dataclasses
import datetime as dt
import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from keys.cms.algorithms import PrivateKey
from tests.e2e.test_evidence import COURT
from tests.e2e.world import RSA, VALID, World
from tests.keys.pki import Authority, Order, ca_order, ec_key, key_pem, pem, rsa_key
from tests.keys.test_recipient_trust import names, point
from tests.real import need
from tests.real.authority_server import Publications, publishing
from tests.real.mail_sink import running_sink
from tests.real.ocsp_responder import OcspResponder

pytestmark = pytest.mark.real

DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class House:
    """A root, and below it the authority that issues, publishes a list and answers."""

    name: str
    root: Authority
    issuing: Authority
    published: Publications
    responder: OcspResponder

    @classmethod
    def make(cls, name: str, folder: Path, published: Publications) -> "House":
        """Made now; the responder does not run yet."""
        root = Authority.root(valid(ca_order(f"{name} root")))
        issuing = root.authority(valid(ca_order(f"{name} issuing")))
        folder.mkdir()
        return cls(name, root, issuing, published, OcspResponder(folder, issuing))

    def issue(self, key: PrivateKey, use: str, *more: tuple[x509.ExtensionType, bool]) -> x509.Certificate:
        """A certificate that names the list and the responder."""
        answers = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(self.responder.url)
        )
        order = valid(Order(name=f"{self.name} entity", uses=(use,)))
        order.extensions = (
            point(self.published.at(f"/{self.name}.crl")),
            (x509.AuthorityInformationAccess([answers]), False),
            *more,
        )
        return self.issuing.issue(order, key)

    def publish(self, *revoked: x509.Certificate) -> bytes:
        """A new list."""
        now = dt.datetime.now(dt.UTC)
        made = self.issuing.crl(*revoked, since=now - DAY, until=now + DAY)
        self.published.bodies[f"/{self.name}.crl"] = made
        return made

    def file(self, folder: Path) -> Path:
        """Root and issuing authority as one would hand them in."""
        path = folder / f"{self.name}.pem"
        path.write_bytes(pem(self.root.certificate, self.issuing.certificate))
        return path


@dataclasses.dataclass(frozen=True)
class Exported:
    """Where `evidence.zip` is, unpacked in `checked`, and what stands to be found in it."""

    folder: Path
    registry: House
    readers: House
    signer: x509.Certificate
    reader: x509.Certificate
    lists: dict[str, bytes]

    def member(self, name: str) -> bytes:
        return (self.folder / "checked" / name).read_bytes()

    def facts(self, event: str) -> dict[str, Any]:
        """Of the first event of that name, from the chain that was given."""
        lines = self.member("ledger/events.jsonl").decode().splitlines()
        events = [json.loads(json.loads(line)["event"]) for line in lines]
        found: dict[str, Any] = next(one["facts"] for one in events if one["name"] == event)
        return found

    def relied(self, event: str) -> dict[str, Path]:
        """The members that an event says were relied on, by their kind."""
        digests = [one.removeprefix("sha256:") for one in self.facts(event)["revocation_evidence"].split()]
        files = [path for path in sorted((self.folder / "checked/revocation").iterdir()) if digest_of(path) in digests]
        assert len(files) == len(digests)
        return {path.suffix: path for path in files}

    def certificate(self, fingerprint: str) -> Path:
        """The one of that fingerprint."""
        return next(
            path for path in sorted((self.folder / "checked/certificates").glob("*.pem")) if fingerprint in prints(path)
        )


def valid(order: Order) -> Order:
    order.not_before, order.not_after = VALID["not_before"], VALID["not_after"]
    return order


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def prints(path: Path) -> list[str]:
    found = x509.load_pem_x509_certificates(path.read_bytes())
    return [hashlib.sha256(one.public_bytes(Encoding.DER)).hexdigest() for one in found]


@contextmanager
def sending(folder: Path) -> Iterator[World]:
    with running_sink() as sink:
        mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "server_name": "mx.gw.test"}
        mail |= {"ca": str(shutil.copy(sink.ca, folder / "sink-ca.pem")), "sender": "registry@gw.test"}
        yield World(folder=folder, mail=mail).make()


def pin(world: World, certificate: x509.Certificate) -> None:
    """The certificate in the directory in the place of what the entry had."""
    (world.folder / f"{RSA}.der").write_bytes(certificate.public_bytes(Encoding.DER))
    world.run("recipients", "import", world.folder / "directory.json")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A package of the registry's signer, sent to the reader, and exported after everything had changed."""
    need.program("unzip", "unzip")
    folder = tmp_path_factory.mktemp("published")
    with sending(folder) as world, publishing() as published:
        registry = House.make("registry", folder / "registry", published)
        readers = House.make("readers", folder / "readers", published)
        signing, key = ec_key(), rsa_key("published", 2048)
        signer = registry.issue(signing, "digital_signature")
        reader = readers.issue(key, "key_encipherment", names(f"{RSA}@gw.test"))
        lists = {one.name: one.publish() for one in (registry, readers)}
        world.signer_key.write_bytes(key_pem(signing))
        world.signer_cert.write_bytes(pem(signer))
        world.run("keys", "trust", registry.file(folder), "--divisions", "RPD")
        world.run("keys", "trust", readers.file(folder), "--recipients")
        pin(world, reader)
        with registry.responder.running(signer), readers.responder.running(reader):
            dispatch = world.json("submit", world.package())["dispatches"][0]["dispatch"]
            world.finish(dispatch)
        replace_everything(world, registry, readers, signer, reader)
        world.run("evidence", "export", dispatch, "--participant", "m1", "-o", folder / "evidence.zip")
    shutil.copy(folder / "keys/gateway-ca.pem", folder)
    subprocess.run(["sh", "-c", COURT], cwd=folder, check=True)
    return Exported(folder, registry, readers, signer, reader, lists)


def replace_everything(
    world: World, registry: House, readers: House, signer: x509.Certificate, reader: x509.Certificate
) -> None:
    """Both certificates are taken back, the reader has another one, and the anchors stand with no intermediates."""
    registry.publish(signer)
    readers.publish(reader)
    pin(world, world.readers[RSA].certificate)
    for house, how in ((registry, ("--divisions", "RPD")), (readers, ("--recipients",))):
        alone = world.folder / f"{house.name}-alone.pem"
        alone.write_bytes(pem(house.root.certificate))
        world.run("keys", "trust", alone, *how)


WHOSE = ("event", "house")
BOTH = [("package-accepted", "registry"), ("key-relied-on", "readers")]
README = {
    "README.en.txt": {"ANCHOR": "anchor", "ISSUER": "issuer", "WHOSE": "whose", "LIST": ".crl", "ANSWER": ".ocsp"},
    "README.fr.txt": {
        "ANCRE": "anchor",
        "AUTORITÉ": "issuer",
        "TITULAIRE": "whose",
        "LISTE": ".crl",
        "RÉPONSE": ".ocsp",
    },
}
"""What a reader puts in the place of what the README writes in capitals."""


def said(exported: Exported, readme: str, command: str, event: str, **other: Path) -> str:
    """What a command of the README says of an event's certificate. Raises AssertionError when it fails."""
    facts, relied = exported.facts(event), exported.relied(event)
    whose = facts["signer" if event == "package-accepted" else "certificate"]
    put = {"anchor": exported.certificate(facts["anchor"]), "issuer": exported.certificate(facts["issuers"])}
    put |= {"whose": exported.certificate(whose)} | relied | other
    line = re.search(rf"^  (openssl {command} .*\n(?:    [^(].*\n)*)", exported.member(readme).decode(), re.MULTILINE)
    assert line
    call = " ".join(line[1].split())
    for capitals, what in README[readme].items():
        call = re.sub(rf"\S+/{capitals}\.\w+", str(put[what]), call)
    run = subprocess.run(["sh", "-c", call], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


@pytest.mark.parametrize(WHOSE, BOTH)
def test_the_list_that_was_fetched_is_there_as_it_was_signed(event: str, house: str, exported: Exported) -> None:
    """The one of that day, not the newer one on which the certificate stands."""
    assert exported.facts(event)["revocation"] == "good"
    assert exported.relied(event)[".crl"].read_bytes() == exported.lists[house]


@pytest.mark.parametrize("readme", README)
@pytest.mark.parametrize("event", ["package-accepted", "key-relied-on"])
def test_the_readmes_commands_hold_with_what_is_in_the_zip_alone(event: str, readme: str, exported: Exported) -> None:
    """The authority between was handed in with the anchor and came in no signature; it was taken out since."""
    assert ": OK" in said(exported, readme, "verify", event)
    told = said(exported, readme, "crl", event)
    assert "verify OK" in told
    assert "No Revoked Certificates" in told
    told = said(exported, readme, "ocsp", event)
    assert "Response verify OK" in told
    assert ".pem: good" in told


@pytest.mark.parametrize("readme", README)
def test_what_another_authority_signed_is_found_to_be_none(readme: str, exported: Exported) -> None:
    """The checks above would say nothing if openssl took any."""
    others = exported.relied("key-relied-on")
    with pytest.raises(AssertionError, match="Error getting CRL issuer certificate"):
        said(exported, readme, "crl", "package-accepted", **{".crl": others[".crl"]})
    with pytest.raises(AssertionError, match=r"verify error|Verify Failure|No Status found"):
        said(exported, readme, "ocsp", "package-accepted", **{".ocsp": others[".ocsp"]})


def test_the_certificate_that_was_used_is_there_though_the_recipient_has_another_one(exported: Exported) -> None:
    """It alone: the new one opened nothing of what was sent."""
    (path,) = (exported.folder / "checked/certificates").glob("recipient-*.pem")
    assert path.read_bytes() == pem(exported.reader)


def test_what_was_relied_on_is_in_the_zip_once(exported: Exported) -> None:
    with zipfile.ZipFile(exported.folder / "evidence.zip") as archive:
        found = [name for name in archive.namelist() if name.startswith("revocation/")]
    assert len(found) == len(set(found)) == 4
