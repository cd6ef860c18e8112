"""The outcome feed by the command line of a real home: what OpenSSL opens, and what staff see."""

import csv
import io
import json
import os
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.bootstrap import open_gateway
from gateway.worker.embedded import work
from tests.channels.case_servers import server_file
from tests.e2e import built
from tests.e2e.world import TODAY, World
from tests.keys.pki import DAY, Authority, Order, pem, rsa_key
from tests.real import need, sshd, webdav
from tests.real.case_system import CaseSystem


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("feed")
    (folder / "gcms").mkdir()
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=folder, mail=mail).make()


@pytest.fixture(scope="module")
def gcms(world: World) -> CaseSystem:
    order = Order(
        name="GCMS",
        uses=("digital_signature", "key_encipherment"),
        not_before=TODAY - 10 * DAY,
        not_after=TODAY + 100 * DAY,
    )
    key = Authority.root().signer(order, rsa_key("gcms", 2048))
    (world.home / "feed-receiver.pem").write_bytes(pem(key.certificate))
    world.set("feed", folder=str(world.folder / "gcms"))
    return CaseSystem(folder=world.folder / "gcms", key=key)


def sent(world: World, **changes: Any) -> Path:
    """A package whose papers are made, and the batch that the feed puts for it."""
    package = world.folder / "package.asice"
    package.write_bytes(built.package(world, **changes))
    world.json("submit", package)
    gateway = open_gateway(world.home)
    try:
        work(gateway, until_idle=True, max_seconds=None)
    finally:
        gateway.close()
    (table,) = (world.home / "reports").glob("feed-*.csv")  # by itself, as each morning
    assert next(csv.DictReader(io.StringIO(table.read_text())))["division"] == "RAD"
    page = table.with_suffix(".html").read_text()
    assert "Refugee Protection Division" in page
    assert "Section de la protection des réfugiés" in page
    came_to = world.json("feed", "run")
    assert (came_to["batches"], came_to["refused"]) == (1, 0)
    (path,) = (world.folder / "gcms/outcomes").glob("*.p7m")
    return path


def test_openssl_opens_a_batch_and_the_home_learns_what_was_answered(
    world: World, gcms: CaseSystem, tmp_path: Path
) -> None:
    openssl = need.program("openssl", "openssl")
    batch = sent(world)
    key, certificate = tmp_path / "key.pem", world.home / "feed-receiver.pem"
    key.write_bytes(gcms.key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    signed, content = tmp_path / "signed.p7m", tmp_path / "content.ndjson"
    decrypt = ["cms", "-decrypt", "-inform", "DER", "-in", batch, "-inkey", key, "-recip", certificate, "-out", signed]
    verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", signed, "-noverify", "-out", content]
    for arguments in (decrypt, verify):
        subprocess.run([openssl, *map(str, arguments)], check=True, capture_output=True)
    control, *lines = map(json.loads, content.read_text().splitlines())
    assert (control["count"], control["sequence"], len(lines)) == (1, 1, 1)

    stands = world.json("feed", "status")
    assert [(one["state"], one["count"]) for one in stands["transactions"]] == [("sent", 1)]
    gcms.judge = lambda _: "E-17"
    opened = gcms.fetch(batch)
    assert opened is not None
    gcms.answer(opened)
    assert world.json("feed", "run")["acknowledged"] == 1
    (work_for_staff,) = world.json("feed", "status")["work"]
    assert (work_for_staff["state"], work_for_staff["code"]) == ("rejected", "E-17")
    assert "E-17" in world.run("feed", "status").stdout
    transaction = work_for_staff["transaction"]
    again = world.json("feed", "again", transaction, "--reason", "The receiver's table was mended")
    assert again["again"] != transaction
    refused = world.json("feed", "give-up", transaction, "--reason", "It is told again already", expect=5)
    assert refused["code"] == "feed.not-staff-work"
    (rad, rpd) = csv.DictReader(io.StringIO(world.run("feed", "report").stdout))
    assert (rad["division"], rad["outcomes"]) == ("RAD", "0")
    assert (rpd["division"], rpd["waiting"], rpd["corrected"]) == ("RPD", "1", "1")


def test_a_receiver_certificate_that_ran_out_sends_nothing_and_nothing_is_lost(world: World, gcms: CaseSystem) -> None:
    order = Order(name="GCMS", uses=("key_encipherment",), not_before=TODAY - 10 * DAY, not_after=TODAY - DAY)
    old = Authority.root().issue(order, rsa_key("gcms", 2048))
    (world.home / "feed-receiver.pem").write_bytes(pem(old))
    refused = world.json("feed", "run", expect=6)
    assert (refused["code"], refused["where"]) == ("feed.receiver-key", "feed.receiver")
    assert gcms.arrived() == []
    (world.home / "feed-receiver.pem").write_bytes(pem(gcms.key.certificate))
    world.run("feed", "run")
    assert len(gcms.arrived()) == 1


@pytest.mark.parametrize("kind", [sshd, webdav])
def test_the_same_home_reaches_gcms_and_nova_by_sftp_and_by_webdav(
    world: World, gcms: CaseSystem, tmp_path: Path, kind: ModuleType
) -> None:
    with kind.running(tmp_path / "server", home=world.folder) as server:
        (world.folder / "nova").mkdir(exist_ok=True)
        for name, folder in (("gcms.toml", "gcms"), ("nova.toml", "nova")):
            (world.home / name).write_text(server_file(server, folder=folder))
        world.set("feed", folder="", server="gcms.toml")
        world.set("drop", server="nova.toml")
        world.json("drop", "run")  # makes what it looks into
        package = world.folder / "nova/in/package.asice"
        package.with_suffix(".part").write_bytes(built.package(world))
        os.utime(package.with_suffix(".part"), (0, 0))
        package.with_suffix(".part").rename(package)
        assert world.json("drop", "run") == {"accepted": 1, "refused": 0}
        assert (world.folder / "nova/out/package.asice.accepted.json").is_file()
        gateway = open_gateway(world.home)
        try:
            work(gateway, until_idle=True, max_seconds=None)
        finally:
            gateway.close()
        assert world.json("feed", "run")["batches"] == 1
        arrived = [gcms.fetch(path) for path in gcms.arrived()]
        for opened in arrived:
            assert opened is not None
            gcms.answer(opened)
        assert world.json("feed", "run")["acknowledged"] == len(arrived)
        assert world.json("feed", "status")["open_batches"] == []
        world.set("feed", folder=str(world.folder / "gcms"))
        assert world.json("feed", "status", expect=6)["where"] == "feed.server"  # one or the other
        world.set("feed", server="")
        world.set("drop", server="")


def test_without_a_folder_there_is_no_feed(world: World) -> None:
    world.set("feed", folder="")
    assert world.json("feed", "status", expect=6)["where"] == "feed.folder"
