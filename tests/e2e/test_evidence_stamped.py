"""Time stamps by a real authority: from the setting to a court that checks them with `openssl ts` alone."""

import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap.evidence import offline_verifier
from tests.e2e.test_evidence import COURT, flipped, packed
from tests.e2e.world import World
from tests.real import need
from tests.real.mail_sink import running_sink
from tests.real.stamp_authority import StampAuthority, running

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Stamped:
    """A home whose authority was away first, with `without.zip` of then and `evidence.zip` of when it had come back."""

    folder: Path
    world: World
    authority: StampAuthority
    doctor: dict[str, Any]


@contextmanager
def sending(folder: Path, authority: StampAuthority) -> Iterator[World]:
    with running_sink() as sink:
        mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "server_name": "mx.gw.test"}
        mail |= {"ca": str(shutil.copy(sink.ca, folder / "sink-ca.pem")), "sender": "registry@gw.test"}
        settings = f'stamp_authority = "{authority.url}"\nstamp_ca = "{authority.ca}"'
        yield World(folder=folder, mail=mail, settings=settings).make()


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stamped]:
    need.program("unzip", "unzip")
    folder = tmp_path_factory.mktemp("stamped")
    (folder / "tsa").mkdir()
    with running(folder / "tsa") as authority, sending(folder, authority) as world:
        authority.down = True
        dispatch = world.json("submit", world.package())["dispatches"][0]["dispatch"]
        world.finish(dispatch)
        export = ("evidence", "export", dispatch, "--participant", "m1", "-o")
        world.run(*export, folder / "without.zip")
        doctor = {one["check"]: one for one in world.json("doctor")["checks"]}
        authority.down = False
        world.run(*export, folder / "evidence.zip")
        shutil.copy(folder / "keys/gateway-ca.pem", folder)
        shutil.copy(authority.ca, folder / "stamp-ca.pem")
        yield Stamped(folder, world, authority, doctor)


def unpacked(stamped: Stamped, name: str) -> Path:
    """The ZIP as the court's whole check leaves it, in a folder of its own beside the authority's certificates."""
    place = stamped.folder / f"at-{name}"
    place.mkdir(exist_ok=True)
    shutil.copy(stamped.folder / name, place / "evidence.zip")
    for given in ("gateway-ca.pem", "stamp-ca.pem"):
        shutil.copy(stamped.folder / given, place)
    subprocess.run(["sh", "-c", COURT], cwd=place, check=True)
    return place / "checked"


def test_without_the_authority_the_checkpoint_stands_and_the_evidence_goes_out(stamped: Stamped) -> None:
    inside = unpacked(stamped, "without.zip")
    assert list((inside / "ledger").glob("checkpoint-*.txt"))
    assert not list((inside / "ledger").glob("*.ts[qr]"))
    assert "by another's word" not in (inside / "README.en.txt").read_text()
    assert stamped.doctor["stamps"]["finding"] == "good", "it has not waited long"


@pytest.mark.parametrize(("readme", "name"), [("README.en.txt", "NAME"), ("README.fr.txt", "NOM")])
def test_the_readmes_commands_hold_for_each_stamp(readme: str, name: str, stamped: Stamped) -> None:
    inside = unpacked(stamped, "evidence.zip")
    stamps = sorted((inside / "ledger").glob("*.tsr"))
    assert stamps
    commands = re.findall(rf"^  (openssl ts .*{name}.*)$", (inside / readme).read_text(), re.MULTILINE)
    assert [one.split()[2] for one in commands] == ["-verify", "-verify", "-reply"]
    for stamp in stamps:
        for command in commands:
            call = command.replace(f"ledger/{name}", f"ledger/{stamp.stem}")
            done = subprocess.run(["sh", "-c", call], cwd=inside, capture_output=True, text=True, check=True)
            assert ("Verification: OK" in done.stdout) or ("Time stamp: " in done.stdout)
    other = stamps[0].with_suffix(".txt").read_text() + " "
    (inside / "other.txt").write_text(other)
    wrong = ["openssl", "ts", "-verify", "-data", "other.txt", "-in", str(stamps[0]), "-CAfile", "../stamp-ca.pem"]
    assert subprocess.run(wrong, cwd=inside, capture_output=True, check=False).returncode != 0


def test_the_gateway_says_the_same_of_the_home_and_of_the_zip(stamped: Stamped) -> None:
    report = stamped.world.json("evidence", "verify")
    assert report["findings"] == []
    assert report["stamps"] >= 1
    asked = ("evidence", "verify", stamped.folder / "evidence.zip", "--ca", stamped.folder / "gateway-ca.pem")
    told = stamped.world.json(*asked, "--stamp-ca", stamped.folder / "stamp-ca.pem")
    looked_at = {one["check"]: one["looked_at"] for one in told["checks"]}
    assert told["holds"]
    assert looked_at["stamps"] >= 1
    without = {one["check"]: one["looked_at"] for one in stamped.world.json(*asked)["checks"]}
    assert without["stamps"] == 0


def test_a_stamp_that_is_another_checkpoints_is_found_though_all_else_was_made_anew(stamped: Stamped) -> None:
    """As the one who has the evidence key could: the sums and their signature hold, the stamp does not."""
    checking = offline_verifier(stamped.folder / "gateway-ca.pem", stamped.folder / "stamp-ca.pem")
    with zipfile.ZipFile(stamped.folder / "evidence.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (stamp, *_) = sorted(name for name in members if name.endswith(".tsr"))
    for name in (stamp, stamp.replace(".tsr", ".tsq"), stamp.replace(".tsr", ".txt")):
        flipped(stamped.folder / "evidence.zip", stamped.folder / "turned.zip", name)
        found = checking((stamped.folder / "turned.zip").read_bytes())
        assert next(one.check for one in found if one.wrong) == "members", name
    stranger = offline_verifier(stamped.folder / "gateway-ca.pem", stamped.folder / "gateway-ca.pem")
    wrong = {one.check.value: one.wrong for one in stranger(packed(members)) if one.wrong}
    assert set(wrong) == {"stamps"}
    assert all(one.endswith("[stamp.signer-unknown]") for one in wrong["stamps"])


def test_a_stamp_that_was_changed_in_the_database_is_found_and_named(stamped: Stamped) -> None:
    copy = stamped.folder / "changed"
    shutil.copytree(stamped.world.home, copy / "home")
    (copy / "tmp").mkdir()
    with sqlite3.connect(copy / "home/gateway.db") as connection:
        connection.execute("UPDATE stamps SET query = (SELECT query FROM stamps LIMIT 1), answer = x'30'")
    world = World(folder=copy, mail={})
    report = json.loads(world.run("evidence", "verify", "--json", expect=3).stdout)
    assert {(one["fault"], one["code"]) for one in report["findings"]} == {("stamp", "stamp.unreadable")}
    assert "stamp.unreadable" in world.run("evidence", "verify", expect=3).stdout
