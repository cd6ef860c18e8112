"""Evidence outlives the keys that signed it: what was exported before a rotation of the gateway's CA, and what after.

It is checked as the README in it says, by who was given the CA's certificate before the rotation and by who was after.
"""

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.e2e.world import World
from tests.keys.recipients import openssl
from tests.real import need
from tests.real.mail_sink import running_sink

pytestmark = pytest.mark.real

ROTATED = ("gateway-ca", "evidence-signing", "package-acceptance")
PINNED = ("gateway-ca.pem", "gateway-ca-000002.pem")
"""What others were given: before the rotation, and after."""


@dataclass(frozen=True)
class Exported:
    """A folder with `before.zip` and `after.zip` of one delivery, `later.zip` of one sent since, and both pins."""

    folder: Path
    world: World


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A home whose authority was rotated, and the keys below it."""
    need.program("unzip", "unzip")
    folder = tmp_path_factory.mktemp("rotated")
    with running_sink() as sink:
        ca = str(shutil.copy(sink.ca, folder / "sink-ca.pem"))
        mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": ca}
        world = World(folder=folder, mail=mail | {"server_name": "mx.gw.test", "sender": "registry@gw.test"}).make()
        first = provided(world, "one")
        export(world, first, "before")
        for name in ROTATED:
            assert world.json("keys", "rotate", name)["replaced"], name
        export(world, first, "after")
        export(world, provided(world, "two"), "later")
    for name in PINNED:
        shutil.copy(folder / "keys" / name, folder)
    return Exported(folder=folder, world=world)


def provided(world: World, name: str) -> str:
    """A package that was sent; its dispatch."""
    dispatch: str = world.json("submit", world.package(name))["dispatches"][0]["dispatch"]
    world.finish(dispatch)
    return dispatch


def export(world: World, dispatch: str, name: str) -> None:
    world.run("evidence", "export", dispatch, "--participant", "m1", "-o", world.folder / f"{name}.zip")


def commands(folder: Path) -> list[str]:
    """Steps 3 and 4 of the README, which is unpacked there, each as one line."""
    readme = (folder / "README.en.txt").read_text()
    signature = re.search(r"3\. (openssl .*?)\n +\(one line\)", readme, re.DOTALL)
    sums = re.search(r"4\. (sha256sum .*)", readme)
    assert signature
    assert sums
    return [" ".join(found[1].split()) for found in (signature, sums)]


def checked(exported: Exported, name: str, pin: str, folder: Path) -> str:
    """What the README's steps say; AssertionError when one of them fails."""
    shutil.copy(exported.folder / pin, folder / "gateway-ca.pem")
    inside = folder / "evidence"
    subprocess.run(["unzip", "-q", exported.folder / f"{name}.zip", "-d", inside], check=True)
    said = ""
    for command in commands(inside):
        done = subprocess.run(["sh", "-c", command], cwd=inside, capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr
        assert done.returncode == 0, said
    return said


@pytest.mark.parametrize("pin", PINNED)
@pytest.mark.parametrize("name", ["before", "after", "later"])
def test_the_readmes_check_holds_whichever_certificate_the_court_was_given(
    exported: Exported, name: str, pin: str, tmp_path: Path
) -> None:
    said = checked(exported, name, pin, tmp_path)
    assert "CMS Verification successful" in said
    assert "transmission-record.pdf: OK" in said


def test_under_another_certificate_the_readmes_check_fails(exported: Exported, tmp_path: Path) -> None:
    """The matrix above would say nothing if openssl took any."""
    shutil.copy(exported.folder / "anchor.pem", exported.folder / "stranger.pem")
    with pytest.raises(AssertionError, match="unable to get local issuer certificate"):
        checked(exported, "after", "stranger.pem", tmp_path)


def test_it_was_signed_by_another_key_after_the_rotation(exported: Exported) -> None:
    signers = {name: member(exported, name, "certificates/evidence-signing.pem") for name in ("before", "after")}
    assert signers["before"] != signers["after"]
    roots = x509.load_pem_x509_certificates(member(exported, "after", "certificates/gateway-ca.pem"))
    assert len(roots) == 2


@pytest.mark.parametrize("pin", PINNED)
@pytest.mark.parametrize("name", ["before.zip", "after.zip", "later.zip"])
def test_the_gateways_own_check_says_the_same_whichever_certificate_it_is_given(
    exported: Exported, name: str, pin: str
) -> None:
    report = exported.world.json("evidence", "verify", str(exported.folder / name), "--ca", str(exported.folder / pin))
    assert [one for one in report["checks"] if one["wrong"]] == []


def test_the_record_over_both_generations_still_holds(exported: Exported) -> None:
    """Checkpoints that the former evidence key signed, and those of the new one, in one tree."""
    report = exported.world.json("evidence", "verify")
    assert report["findings"] == []
    assert report["checkpoints"] >= 3


def test_the_list_that_an_acceptance_relied_on_is_in_the_evidence_as_it_was_signed(exported: Exported) -> None:
    """Whether the Registry's signer was revoked: the very list, which openssl finds signed by the Registry's CA."""
    (accepted,) = [one for one in events(exported) if one["name"] == "package-accepted"]
    facts = accepted["facts"]
    assert facts["revocation"] == "good"
    (digest,) = [one.removeprefix("sha256:") for one in facts["revocation_evidence"].split()]
    kept = member(exported, "before", f"revocation/{digest[:16]}.crl")
    assert hashlib.sha256(kept).hexdigest() == digest
    assert (exported.folder / "registry.crl").read_bytes() == kept
    anchor = exported.folder / "relied-anchor.pem"
    anchor.write_bytes(member(exported, "before", f"certificates/anchor-{facts['anchor'][:16]}.pem"))
    openssl("crl", "-inform", "DER", "-noout", "-verify", "-CAfile", anchor, content=kept)


def events(exported: Exported) -> list[dict[str, Any]]:
    lines = member(exported, "before", "ledger/events.jsonl").decode().splitlines()
    return [json.loads(json.loads(line)["event"]) for line in lines]


def member(exported: Exported, name: str, path: str) -> bytes:
    with zipfile.ZipFile(exported.folder / f"{name}.zip") as archive:
        return archive.read(path)
