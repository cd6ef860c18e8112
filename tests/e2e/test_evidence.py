"""An exported ZIP is checked with `unzip`, `sha256sum` and `openssl` alone, and no bit of any member can be turned."""

import base64
import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from gateway.domain.checkpoint import read_note
from gateway.domain.ledger import BEFORE_THE_FIRST, link
from gateway.domain.merkle import leaf_hash, root_of_proof
from tests.e2e.world import EC, World
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
            "ca": str(postfix.ca),
            "server_name": "mx.gw.test",
            "sender": "registry@gw.test",
        }
        world = World(folder=folder, mail=mail).make()
        dispatch = world.json("submit", world.package())["dispatches"][0]["dispatch"]
        world.finish(dispatch)
        world.run("evidence", "export", dispatch, "--participant", "m1", "--sent-bytes", "-o", folder / "evidence.zip")
        assert "holds" in world.run("evidence", "verify").stdout
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
        lines = archive.read("ledger/events.jsonl").decode().splitlines()
        checkpoint = read_note(archive.read("ledger/checkpoint.txt").decode())
    assert checkpoint is not None
    head = BEFORE_THE_FIRST
    for line in lines:
        given = json.loads(line)
        head = link(head, given["event"].encode())
        assert head.hex() == given["link"]
        proof = [base64.b64decode(one) for one in given["proof"]]
        assert root_of_proof(leaf_hash(head), given["leaf"], checkpoint.size, proof) == checkpoint.root
    assert json.loads(json.loads(lines[-1])["event"])["name"] == "evidence-exported"


def test_nobody_else_is_named_in_it(evidence: Path) -> None:
    """The counsel's address is in the same dispatch."""
    with zipfile.ZipFile(evidence / "evidence.zip") as archive:
        for name in archive.namelist():
            assert f"{EC}@".encode() not in archive.read(name), name
