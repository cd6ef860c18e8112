"""An exported ZIP is checked with `unzip`, `sha256sum` and `openssl` alone, and no bit of any member can be turned."""

import base64
import datetime as dt
import hashlib
import io
import json
import shutil
import ssl
import subprocess
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.bootstrap.evidence import offline_verifier
from gateway.domain.checkpoint import read_note
from gateway.domain.codes import Code
from gateway.domain.ledger import BEFORE_THE_FIRST, link
from gateway.domain.merkle import leaf_hash, root_of_proof
from gateway.domain.problem import InputRefused
from tests.application.exporting import paper_text
from tests.e2e.world import EC, RSA, World
from tests.keys.pki import Authority
from tests.real import need
from tests.real.postfix import running_postfix

pytestmark = pytest.mark.real

COURT = """
set -e
rm -rf checked && mkdir checked && unzip -q evidence.zip -d checked && cd checked
openssl cms -verify -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -CAfile ../gateway-ca.pem \
  -purpose any -out /dev/null
sha256sum --check --strict --quiet SHA256SUMS
test "$(find . -type f ! -name SHA256SUMS ! -name SHA256SUMS.p7s | wc -l)" = "$(wc -l < SHA256SUMS)"
"""
"""The court's whole check: with the CA as the Registry gave it to them."""


def court(folder: Path) -> int:
    """How the check ends over `evidence.zip` and `gateway-ca.pem` in the folder."""
    return subprocess.run(["sh", "-c", COURT], cwd=folder, capture_output=True, check=False).returncode


def flipped(evidence: Path, target: Path, member: str) -> None:
    """The ZIP with one bit turned in the middle of that member, whose checksum is made to fit."""
    with zipfile.ZipFile(evidence) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            content = bytearray(before.read(name))
            if name == member:
                content[len(content) // 2] ^= 1
            after.writestr(name, bytes(content))


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the evidence of a delivery that went out through a real mail server, and the gateway's CA."""
    need.program("unzip", "unzip")
    need.program("sha256sum", "coreutils")
    folder = tmp_path_factory.mktemp("evidence")
    with running_postfix() as postfix:
        mail = {
            "host": "127.0.0.1",
            "port": postfix.port,
            "tls": "starttls",
            "ca": str(shutil.copy(postfix.ca, folder / "postfix-ca.pem")),
            "server_name": "mx.gw.test",
            "sender": "registry@gw.test",
        }
        world = World(folder=folder, mail=mail).make()
        dispatch = world.json("submit", world.package())["dispatches"][0]["dispatch"]
        world.finish(dispatch)
        world.run("evidence", "export", dispatch, "--participant", "m1", "--sent-bytes", "-o", folder / "evidence.zip")
        assert "holds" in world.run("evidence", "verify").stdout
        everybody = ("evidence", "export", dispatch, "--participant", "m1", "--all", "-o", folder / "all.zip")
        world.run(*everybody, expect=3)
        world.run(*everybody, "--reason", "the Federal Court asked for it")
    shutil.copy(folder / "keys/gateway-ca.pem", folder)
    return folder


def test_a_court_checks_the_evidence_with_stock_tools_and_any_turned_bit_is_found(evidence: Path) -> None:
    """Every member is tried, the sums and their signature too."""
    assert court(evidence) == 0
    with zipfile.ZipFile(evidence / "evidence.zip") as archive:
        names = archive.namelist()
        sent = archive.read("sent/01.bin")
        digests = archive.read("sent/DIGESTS.txt").decode()
    assert {"transmission-record.pdf", "README.en.txt", "README.fr.txt", "ledger/events.jsonl"} < set(names)
    assert digests == f"{hashlib.sha256(sent).hexdigest()}  sent/01.bin\n"
    turned = evidence / "turned"
    turned.mkdir()
    shutil.copy(evidence / "gateway-ca.pem", turned)
    for name in names:
        flipped(evidence / "evidence.zip", turned / "evidence.zip", name)
        assert court(turned) != 0, name
    print(f"\n{len(names)} members, a bit turned in each: all found")


def test_every_event_that_is_given_leads_to_the_signed_checkpoint(evidence: Path) -> None:
    """The second check: link after link, and each by its own path to the root."""
    with zipfile.ZipFile(evidence / "evidence.zip") as archive:
        lines = [json.loads(line) for line in archive.read("ledger/events.jsonl").decode().splitlines()]
        notes = {one["checkpoint"]: archive.read(f"ledger/checkpoint-{one['checkpoint']:012d}.txt") for one in lines}
    heads: dict[str, bytes] = {}
    for given in lines:
        event, checkpoint = json.loads(given["event"]), read_note(notes[given["checkpoint"]].decode())
        assert checkpoint is not None
        head = link(heads.get(event["chain"], BEFORE_THE_FIRST), given["event"].encode())
        assert head.hex() == given["link"]
        heads[event["chain"]] = head
        proof = [base64.b64decode(one) for one in given["proof"]]
        assert root_of_proof(leaf_hash(head), given["leaf"], checkpoint.size, proof) == checkpoint.root
    names = [json.loads(one["event"])["name"] for one in lines]
    assert (names[0], names[-1]) == ("package-accepted", "evidence-exported")


def test_pdfsig_finds_the_sealed_papers_valid(evidence: Path) -> None:
    """Each by the gateway's seal, over the whole file."""
    pdfsig = need.program("pdfsig", "poppler-utils")
    with zipfile.ZipFile(evidence / "evidence.zip") as archive:
        for name in ("transmission-record.pdf", "dossier.pdf"):
            path = evidence / name
            path.write_bytes(archive.read(name))
            told = subprocess.run([pdfsig, "-nocert", path], capture_output=True, text=True, check=False).stdout
            assert "Signature is Valid." in told
            assert "Total document signed" in told


def test_it_holds_what_the_signatures_and_the_key_rested_on(evidence: Path) -> None:
    """The package signer's certificate with its list, the anchor, and the recipient's certificate."""
    with zipfile.ZipFile(evidence / "evidence.zip") as archive:
        names = set(archive.namelist())
        recipient = archive.read("certificates/recipient-01.pem")
    assert "certificates/package-signer-01.pem" in names
    assert [one for one in names if one.startswith("certificates/anchor-")]
    assert [one for one in names if one.startswith("revocation/") and one.endswith(".crl")]
    der = evidence / f"{RSA}.der"
    assert ssl.PEM_cert_to_DER_cert(recipient.decode()) == der.read_bytes()


def test_everybodys_evidence_holds_the_others_too(evidence: Path) -> None:
    """With a reason; the court's check is the same."""
    with zipfile.ZipFile(evidence / "all.zip") as archive:
        names = archive.namelist()
        record = archive.read("others/c1/transmission-record.pdf")
    assert "others/c1/evidence.json" in names
    assert "Readercounsel" in paper_text(record)
    folder = evidence / "everybody"
    folder.mkdir()
    shutil.copy(evidence / "all.zip", folder / "evidence.zip")
    shutil.copy(evidence / "gateway-ca.pem", folder)
    assert court(folder) == 0


def test_nobody_else_is_named_in_it(evidence: Path) -> None:
    """The counsel's address is in the same dispatch."""
    with zipfile.ZipFile(evidence / "evidence.zip") as archive:
        for name in archive.namelist():
            assert f"{EC}@".encode() not in archive.read(name), name


def test_an_officer_drafts_reads_and_signs_from_the_command_line(evidence: Path) -> None:
    """A service by hand to counsel: whoever did it signs the statement, and nobody can sign it twice."""
    world = World(folder=evidence, mail={})
    (dispatch,) = [one["dispatch"] for one in world.json("dispatches")["dispatches"]]
    deliveries = world.json("status", dispatch)["deliveries"]
    (delivery,) = [one["delivery"] for one in deliveries if one["participant"] == "c1"]
    (evidence / "slip.pdf").write_bytes(b"the signed slip")
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    by_hand = ("resolve", delivery, "record-service", "--at", at, "--place", "Toronto", "--handed-to", "a clerk")
    world.run(*by_hand, "--file", evidence / "slip.pdf", "--reason", "at the counter")
    asked = ("evidence", "papers", dispatch, "--participant", "c1", "--officer", "Marie Tremblay")
    made = world.json(*asked)
    kinds = {one["kind"]: one for one in made["papers"]}
    assert [one["needs"] for one in made["missing"]] == ["explanation"]
    draft = kinds["statement-of-service"]["paper"]
    drafts = world.json("evidence", "drafts")["papers"]
    assert [(one["paper"], one["stands"]) for one in drafts] == [(draft, True)]
    world.run("evidence", "paper", draft, "-o", evidence / "draft.pdf")
    assert "isadraftuntil" in paper_text((evidence / "draft.pdf").read_bytes())
    assert "statement of service" in world.run("evidence", "sign", draft).stdout
    refused = world.json("evidence", "sign", draft, expect=5)
    assert refused["code"] == "paper.signed"
    world.run("evidence", "export", dispatch, "--participant", "c1", "-o", evidence / "c1.zip")
    with zipfile.ZipFile(evidence / "c1.zip") as archive:
        assert "papers/statement-of-service-01.pdf" in archive.namelist()


def test_the_gateway_checks_evidence_offline_and_finds_any_turned_bit(evidence: Path) -> None:
    """With the authority's file alone: no home is there."""
    nowhere = World(folder=evidence / "nowhere", mail={})
    (nowhere.folder / "tmp").mkdir(parents=True)
    asked = ("--ca", evidence / "gateway-ca.pem")
    told = nowhere.json("evidence", "verify", evidence / "evidence.zip", *asked)
    assert told["holds"] is True
    looked_at = {one["check"]: one["looked_at"] for one in told["checks"]}
    assert looked_at["seals"] == 2
    assert looked_at["sent"] == 1
    assert looked_at["chains"] == looked_at["checkpoints"] > 5
    flipped(evidence / "evidence.zip", evidence / "bad.zip", "transmission-record.pdf")
    found = nowhere.json("evidence", "verify", evidence / "bad.zip", *asked, expect=3)
    assert [one["wrong"] for one in found["checks"] if one["wrong"]] == [["transmission-record.pdf"]]
    assert "does not hold" in nowhere.run("evidence", "verify", evidence / "bad.zip", *asked, expect=3).stdout
    refused = nowhere.json("evidence", "verify", evidence / "gateway-ca.pem", *asked, expect=3)
    assert refused["code"] == "evidence.unreadable"


def test_every_kind_of_change_is_found_by_its_check(evidence: Path) -> None:
    """In one process: each member with a turned bit, one left out, one put in, one twice, another authority."""
    checking = offline_verifier(evidence / "gateway-ca.pem")
    given = (evidence / "evidence.zip").read_bytes()
    with zipfile.ZipFile(evidence / "evidence.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert not any(one.wrong for one in checking(given))
    for name in members:
        flipped(evidence / "evidence.zip", evidence / "turned.zip", name)
        assert any(one.wrong for one in checking((evidence / "turned.zip").read_bytes())), name
    left_out = {name: content for name, content in members.items() if name != "sent/01.bin"}
    changed = {"left out": packed(left_out), "put in": packed(members | {"x.txt": b"x"})}
    for what, raw in changed.items():
        assert [one.check for one in checking(raw) if one.wrong] == ["members"], what
    other = Authority.root().certificate.public_bytes(Encoding.PEM)
    (evidence / "other.pem").write_bytes(other)
    assert [one.check for one in offline_verifier(evidence / "other.pem")(given) if one.wrong] == ["signature"]


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 no archive", b"\x00" * 4096])
def test_what_is_no_evidence_is_refused(evidence: Path, raw: bytes) -> None:
    """And so is what is compressed: nothing may grow while it is read."""
    checking = offline_verifier(evidence / "gateway-ca.pem")
    grown = io.BytesIO()
    with zipfile.ZipFile(grown, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("SHA256SUMS", b"0" * 100_000)
    for one in (raw, grown.getvalue()):
        with pytest.raises(InputRefused) as refused:
            checking(one)
        assert refused.value.code is Code.EVIDENCE_UNREADABLE


def packed(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()
