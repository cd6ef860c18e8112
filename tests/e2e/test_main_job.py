"""The main job with real parts: a signed package in, an encrypted e-mail out that the reader's own software opens."""

import base64
import email
import hashlib
import json
import subprocess
import time
import zipfile
from collections.abc import Iterator, Mapping
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import open_gateway
from tests.e2e.lately import minimal
from tests.e2e.world import EC, RSA, Reader, World
from tests.real import need
from tests.real.engine import engine
from tests.real.postfix import Postfix, running_postfix
from tests.real.postgresql import Postgresql
from tests.real.redis import Redis, running_redis

pytestmark = pytest.mark.real

SMIME = "application/pkcs7-mime"
CANARIES = ("Marguerite", "Quenneville", "TC6-12345", "11-2345-6789", "rejected", "rejetée", "Rejected")


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with running_postfix() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql", "postgresql-redis-two-workers"])
def database(request: pytest.FixtureRequest) -> Iterator[Mapping[str, str | Path]]:
    """Where the record is kept, as `gateway init` is told: the whole job runs alike on both, and on either engine."""
    if request.param == "sqlite":
        yield {}
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    name = server.create(empty=True)
    yield server.options(name)
    server.drop(name)


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with running_redis() as running:
        yield running


@pytest.fixture
def workers(request: pytest.FixtureRequest) -> Redis | None:
    """Over what workers are woken, where they are processes of their own."""
    distributed = request.node.callspec.params["database"] == "postgresql-redis-two-workers"
    return request.getfixturevalue("redis") if distributed else None


@pytest.fixture
def world(
    postfix: Postfix, database: Mapping[str, str | Path], workers: Redis | None, tmp_path: Path
) -> Iterator[World]:
    for old in (postfix.folder / "mail").rglob("new/*"):
        old.unlink()
    mail = {
        "host": "127.0.0.1",
        "port": postfix.port,
        "tls": "starttls",
        "ca": str(postfix.ca),
        "server_name": "mx.gw.test",
        "sender": "registry@gw.test",
    }
    if workers is None:
        yield World(folder=tmp_path, mail=mail, database=database).make()
        return
    distributed = World(
        folder=tmp_path,
        mail=mail,
        database=database,
        settings=f'broker = "{workers.url}"',
        variables=workers.variables,
    ).make()
    with engine(distributed) as parts:
        distributed.engine = parts
        yield distributed


def person() -> dict[str, Any]:
    return {
        "id": "p1",
        "given_name": "Marguerite",
        "family_name": "Quenneville",
        "uci": "11-2345-6789",
        "outcome": {"code": "rejected"},
        "recourse": {"forum": "RAD"},
    }


def submitted(world: World, package: Path) -> dict[str, Any]:
    taken = world.json("submit", package)["dispatches"][0]
    world.finish(taken["dispatch"])
    status: dict[str, Any] = world.json("status", taken["dispatch"])
    return status


def opened(message: bytes, reader: Reader, folder: Path, sender_ca: Path) -> EmailMessage:
    """The message as OpenSSL opens it for the reader, its signature verified."""
    openssl = need.program("openssl", "openssl")
    key, certificate = reader.write(folder)
    decrypted = subprocess.run(
        [openssl, "cms", "-decrypt", "-recip", certificate, "-inkey", key],
        input=message,
        capture_output=True,
        check=True,
    ).stdout
    verified = subprocess.run(
        [openssl, "cms", "-verify", "-cades", "-CAfile", sender_ca], input=decrypted, capture_output=True, check=True
    ).stdout
    return email.message_from_bytes(verified, policy=policy.default)


def sealed(postfix: Postfix, count: int) -> list[bytes]:
    """The encrypted messages once `count` came; the reports of delivery that come beside them are another matter."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = [one for one in postfix.messages() if email.message_from_bytes(one).get_content_type() == SMIME]
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(postfix.log)


def for_reader(messages: list[bytes], reader: Reader) -> bytes:
    (message,) = [one for one in messages if f"To: {reader.address}".encode() in one]
    return message


@pytest.mark.parametrize("name", [RSA, EC])
def test_openssl_opens_what_a_real_postfix_delivered_and_the_papers_are_those_of_the_vault(
    world: World, postfix: Postfix, tmp_path: Path, name: str
) -> None:
    status = submitted(world, world.package(persons=[person()]))
    reader = world.readers[name]
    received = opened(for_reader(sealed(postfix, 2), reader), reader, tmp_path, world.folder / "keys" / "mail-ca.pem")

    role = {RSA: "minister-counsel", EC: "counsel"}[name]
    (delivery,) = [one for one in status["deliveries"] if role in one["roles"]]
    assert delivery["state"] == "handed-over"
    assert delivery["settled"] is False
    attachments = [part.get_content() for part in received.iter_attachments()]
    gateway = open_gateway(world.home)
    with gateway.database.read() as tx:
        kept = [one.digest for one in tx.records.documents(delivery["delivery"]) if one.media_type == "application/pdf"]
    gateway.close()
    assert kept
    assert ["sha256:" + hashlib.sha256(one).hexdigest() for one in attachments] == kept
    assert "TC6-12345" in str(received["Subject"])
    assert delivery["attempts"][0]["reference"] == received["Message-ID"]


@pytest.mark.parametrize("name", [RSA, EC])
def test_a_preview_shows_to_the_byte_what_the_reader_then_gets_and_starts_nothing(
    world: World, postfix: Postfix, tmp_path: Path, name: str
) -> None:
    package, reader = world.package(persons=[person()]), world.readers[name]
    participant = {RSA: "m1", EC: "c1"}[name]
    shown = tmp_path / "shown" / "preview.pdf"
    shown.parent.mkdir()
    files = world.json("preview", package, "--participant", participant, "-o", shown)["files"]
    assert [one["file"] for one in files] == [str(shown)]
    assert world.json("dispatches")["dispatches"] == []
    submitted(world, package)
    received = opened(for_reader(sealed(postfix, 2), reader), reader, tmp_path, world.folder / "keys" / "mail-ca.pem")
    assert [part.get_content() for part in received.iter_attachments()] == [shown.read_bytes()]


def test_nothing_outside_the_encrypted_part_tells_of_a_person_a_file_number_or_an_outcome(
    world: World, postfix: Postfix
) -> None:
    submitted(world, world.package(persons=[person()]))
    for message in sealed(postfix, 2):
        parsed = email.message_from_bytes(message, policy=policy.default)
        assert parsed["Subject"] == "[...]"
        assert parsed["To"].addresses[0].display_name == ""
        assert parsed["From"].addresses[0].display_name == ""
        body = parsed.get_content()
        assert isinstance(body, bytes)
        for canary in CANARIES:
            for form in (canary.encode(), base64.b64encode(canary.encode()).rstrip(b"=")[:-1]):
                assert form not in message
                assert form not in body


def test_a_delivery_carries_the_carriers_answer_as_a_handover_and_no_more(world: World) -> None:
    status = submitted(world, world.package())
    handed = [one for one in status["deliveries"] if one["state"] == "handed-over"]
    assert len(handed) == 2
    for delivery in handed:
        (attempt,) = delivery["attempts"]
        assert attempt["result"] == "handed-over"
        assert attempt["detail"].startswith("250")
        assert [receipt["event"] for receipt in delivery["receipts"]] == ["RelayToNonERDS"]
        assert delivery["service"] is None


def test_everybody_whom_encrypted_email_does_not_reach_waits_for_a_person_with_the_reason(world: World) -> None:
    unrepresented = [one for one in minimal()["participants"] if one["id"] != "c1"]
    status = submitted(world, world.package(participants=unrepresented))
    (waiting,) = [one for one in status["deliveries"] if one["state"] == "needs-person"]
    assert waiting["participant"] == "a1"
    assert waiting["reason"] == "plan.no-channel-yet"
    assert status["state"] == "needs-person"


def test_a_package_made_by_hand_with_openssl_sha256sum_and_zip_is_accepted(world: World, tmp_path: Path) -> None:
    made = by_hand(world, tmp_path / "hand")
    taken = world.json("submit", made)
    assert taken["dispatches"][0]["repeat"] is False


def by_hand(world: World, folder: Path) -> Path:
    """A package as the interface's reader would make one without any software of ours."""
    openssl, zipper = need.program("openssl", "openssl"), need.program("zip", "zip")
    world.decision(folder)
    (folder / "META-INF").mkdir()
    names = ["decision.json", *sorted(path.relative_to(folder).as_posix() for path in (folder / "documents").iterdir())]
    references = ""
    for name in names:
        line = subprocess.run(["sha256sum", folder / name], capture_output=True, text=True, check=True).stdout
        digest = base64.b64encode(bytes.fromhex(line.split()[0])).decode()
        references += (
            f'<asic:DataObjectReference URI="{name}">'
            '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue>{digest}</ds:DigestValue></asic:DataObjectReference>"
        )
    manifest = folder / "META-INF/ASiCManifest.xml"
    manifest.write_text(
        '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        f'<asic:SigReference URI="META-INF/signature.p7s" MimeType="application/pkcs7-signature"/>{references}'
        "</asic:ASiCManifest>"
    )
    (folder / "mimetype").write_text("application/vnd.etsi.asic-e+zip")
    sign = [openssl, "cms", "-sign", "-cades", "-binary", "-outform", "DER", "-md", "sha256"]
    sign += ["-signer", str(world.signer_cert), "-inkey", str(world.signer_key)]
    sign += ["-in", str(manifest), "-out", str(folder / "META-INF/signature.p7s")]
    subprocess.run(sign, check=True, capture_output=True)
    output = folder.with_suffix(".asice")
    members = ["META-INF/ASiCManifest.xml", "META-INF/signature.p7s", *names]
    subprocess.run([zipper, "-X0", str(output), "mimetype"], cwd=folder, check=True, capture_output=True)
    subprocess.run([zipper, "-X", str(output), *members], cwd=folder, check=True, capture_output=True)
    return output


def test_a_package_of_gateway_package_build_passes_openssl(world: World, tmp_path: Path) -> None:
    openssl = need.program("openssl", "openssl")
    with zipfile.ZipFile(world.package()) as package:
        manifest = package.read("META-INF/ASiCManifest.xml")
        (tmp_path / "signature.p7s").write_bytes(package.read("META-INF/signature.p7s"))
    verify = [openssl, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(tmp_path / "signature.p7s")]
    (tmp_path / "manifest").write_bytes(manifest)
    verify += ["-content", str(tmp_path / "manifest"), "-CAfile", str(world.folder / "anchor.pem")]
    done = subprocess.run(verify, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == manifest


def test_the_same_package_again_gives_the_first_dispatch_and_other_bytes_a_conflict(world: World) -> None:
    first = world.package("first")
    taken = world.json("submit", first)["dispatches"][0]
    again = world.json("submit", first)["dispatches"][0]
    assert again == taken | {"repeat": True}

    decision = json.loads((world.folder / "sources/first/decision.json").read_text())
    other = world.folder / "sources/other"
    world.decision(other)
    (other / "decision.json").write_text(json.dumps(decision | {"office": "calgary"}))
    output = world.folder / "other.asice"
    world.json(
        *("package", "build", other / "decision.json", "--documents", other / "documents"),
        *("--key", world.signer_key, "--cert", world.signer_cert, "-o", output),
    )
    problem = world.json("submit", output, expect=5)
    assert problem["code"] == "package.conflict"
    assert len(world.json("dispatches")["dispatches"]) == 1


def test_a_refused_package_leaves_nothing_behind(world: World) -> None:
    package = world.package()
    altered = world.folder / "altered.asice"
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(altered, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            target.writestr(
                info, content.replace(b"It is so", b"It is no") if info.filename.endswith(".md") else content
            )
    before = sorted(path for path in (world.home / "vault").rglob("*"))
    problem = world.json("submit", altered, expect=3)
    assert (problem["code"], problem["where"]) == ("package.digest-mismatch", "documents/reasons.md")
    assert problem["status"] == 422
    assert sorted(path for path in (world.home / "vault").rglob("*")) == before
    assert world.json("dispatches") == {"dispatches": []}
