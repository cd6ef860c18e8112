"""A decision to a recipient's own server: OpenSSH's, the commands, and the receipt file that ends the delivery."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.sftp_samples import ACCOUNT, exchanges_file
from tests.e2e.uploading import mail, package_for, uploads_to
from tests.e2e.world import World
from tests.real import sshd

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as running:
        for name in ("inbox", "receipts"):
            (running.home / name).mkdir()
        yield running


@pytest.fixture(scope="module")
def world(server: sshd.Sshd, tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("sftp"), mail()).make()
    return uploads_to(made, exchanges_file(server), kind="sftp", account=ACCOUNT)


def submitted(world: World, name: str) -> str:
    dispatch = str(world.json("submit", package_for(world, name))["dispatches"][0]["dispatch"])
    world.run("work", "--until-idle")
    return dispatch


def counsels(world: World, dispatch: str) -> Any:
    (found,) = (one for one in world.json("status", dispatch)["deliveries"] if one["participant"] == "c1")
    return found


def exchanges(world: World, expect: int) -> Any:
    return next(one for one in world.json("doctor", expect=expect)["checks"] if one["check"] == "exchanges")


def test_a_decision_is_uploaded_and_the_recipients_receipt_ends_it(world: World, server: sshd.Sshd) -> None:
    dispatch = submitted(world, "one")
    delivery = counsels(world, dispatch)
    assert (delivery["state"], delivery["channel"]) == ("handed-over", "secure-upload"), delivery
    (attempt,) = delivery["attempts"]
    (left,) = (server.home / "inbox").glob("*.zip")
    assert left.name.startswith("TC6-12345_RPD_")
    assert left.name.endswith(f"_{attempt['reference']}.zip")
    assert "Conseil" not in left.name
    told = {
        "receipt": "taken",
        "reference": attempt["reference"],
        "sha256": hashlib.sha256(left.read_bytes()).hexdigest(),
        "at": "2026-11-23T13:00:00-05:00",
    }
    (server.home / "receipts" / "1.json").write_text(json.dumps(told))
    world.run("receipts", "poll")
    world.run("work", "--until-idle")
    delivery = counsels(world, dispatch)
    assert delivery["state"] == "delivered"
    assert [one["event"] for one in delivery["receipts"]] == ["ContentConsignment", "ContentHandover"]
    assert list((server.home / "receipts").iterdir()) == []
    assert exchanges(world, 0)["finding"] == "good"


def test_a_changed_host_key_sends_nothing_and_calls_a_person_who_is_told_what_to_do(
    world: World, server: sshd.Sshd, tmp_path: Path
) -> None:
    before = sorted((server.home / "inbox").iterdir())
    server.kill()
    server.become_another()
    server.start()
    dispatch = submitted(world, "two")
    delivery = counsels(world, dispatch)
    assert (delivery["state"], delivery["reason"]) == ("needs-person", "exchange.host-key")
    assert sorted((server.home / "inbox").iterdir()) == before
    assert exchanges(world, 6)["code"] == "sftp.host-key"
    for language, said in (("en", "pinned"), ("fr", "épinglée")):
        assert said in world.run("--lang", language, "doctor", expect=6).stdout
    server.host_key = " ".join((server.folder / "host_key.pub").read_text().split()[:2])
    (world.home / "exchanges.toml").write_text(exchanges_file(server))
    world.run("resolve", delivery["delivery"], "retry", "--reason", "they changed it, and said so on the telephone")
    world.run("work", "--until-idle")
    assert counsels(world, dispatch)["state"] == "handed-over"
