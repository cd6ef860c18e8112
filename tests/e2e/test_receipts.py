"""What a real mail system sends back moves the delivery it belongs to, and no other.

One Postfix takes the gateway's mail; it cannot deliver to one recipient, relays to a server without reports for the
other, and sends its reports to the Registry's mailbox. From there they are handed to the gateway as files.
"""

import email
import json
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import EC, RSA, World
from tests.keys.recipients import openssl
from tests.real.mail_sink import MailSink, running_sink
from tests.real.ports import free_port
from tests.real.postfix import Postfix, running_postfix

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture(scope="module")
def postfix(sink: MailSink) -> Iterator[Postfix]:
    routes = {"down.test": f"smtp:[127.0.0.1]:{free_port()}", "elsewhere.test": f"smtp:[127.0.0.1]:{sink.port}"}
    with running_postfix(routes, {"smtp_tls_security_level": "may"}) as running:
        yield running


@pytest.fixture
def world(postfix: Postfix, tmp_path: Path) -> World:
    for old in (postfix.folder / "mail").rglob("new/*"):
        old.unlink()
    mail = {
        "host": "127.0.0.1",
        "port": postfix.port,
        "tls": "starttls",
        "ca": str(postfix.ca),
        "server_name": "mx.gw.test",
        "sender": "registry@gw.test",
        "return_path": "returns@gw.test",
    }
    return World(folder=tmp_path, mail=mail, domains={RSA: "down.test", EC: "elsewhere.test"}).make()


def reports(postfix: Postfix, folder: Path, count: int) -> list[Path]:
    """Each report in a file, once `count` of them came."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = [one for one in postfix.messages() if email.message_from_bytes(one).get_content_type() != "text/plain"]
        if len(found) >= count:
            break
        time.sleep(0.05)
    assert len(found) == count, postfix.log
    files = [folder / f"{number}.eml" for number in range(count)]
    for file, raw in zip(files, found, strict=True):
        file.write_bytes(raw)
    return files


def deliveries(world: World, dispatch: str) -> dict[str, Any]:
    """The deliveries of the dispatch by role."""
    return {one["roles"][0]: one for one in world.json("status", dispatch)["deliveries"]}


def test_a_failure_and_a_relay_each_move_their_own_delivery(world: World, postfix: Postfix, tmp_path: Path) -> None:
    dispatch = world.json("submit", world.package())["dispatches"][0]["dispatch"]
    other = world.json("submit", world.package("other"))["dispatches"][0]["dispatch"]
    world.run("work", "--until-idle")
    assert {one["state"] for one in deliveries(world, dispatch).values()} >= {"handed-over"}
    came = reports(postfix, tmp_path, 4)
    before = deliveries(world, other)

    ours = [one for one in came if _of(deliveries(world, dispatch), one)]
    assert len(ours) == 2
    for file in ours:
        (about,) = (one for one in deliveries(world, dispatch).values() if one["attempts"] and _of({"": one}, file))
        gives_back(about, file)
    kept = world.json("receipts", "ingest", *ours)["receipts"]
    assert [one["repeat"] for one in kept] == [False, False]
    again = world.json("receipts", "ingest", *ours)["receipts"]
    assert [one["repeat"] for one in again] == [True, True]
    world.run("work", "--until-idle")

    after = deliveries(world, dispatch)
    bounced, relayed = after["minister-counsel"], after["counsel"]
    assert (bounced["state"], bounced["reason"]) == ("failed", "receipt.bounced")
    assert [one["event"] for one in bounced["receipts"]] == ["RelayToNonERDS", "RelayToNonERDSFailure"]
    assert (relayed["state"], relayed["settled"]) == ("handed-over", False)
    assert [(one["event"], one["source"]) for one in relayed["receipts"]] == [
        ("RelayToNonERDS", "smtp"),
        ("RelayToNonERDS", "mail"),
    ]
    assert deliveries(world, other) == before

    (about,) = world.json("receipts", "list", "--delivery", bounced["delivery"])["receipts"]
    assert about["finding"] == "failed"
    listed = {one["finding"]: one for one in world.json("receipts", "list")["receipts"]}
    assert {finding: one["handling"] for finding, one in listed.items()} == {
        "failed": "for-person",
        "relayed": "matched",
    }
    written = tmp_path / "raw.eml"
    world.run("receipts", "show", listed["failed"]["receipt"], "-o", written)
    assert written.read_bytes() in {one.read_bytes() for one in ours}
    world.run("receipts", "close", listed["failed"]["receipt"], "--reason", "counsel was called")
    assert world.json("receipts", "list", "--handling", "for-person")["receipts"] == []


def test_a_receipt_that_the_recipient_signed_proves_that_they_took_it_and_another_proves_nothing(
    world: World, sink: MailSink, tmp_path: Path
) -> None:
    directory = json.loads((world.folder / "directory.json").read_text())
    for entry in directory["recipients"]:
        entry["channels"][0]["signed_receipt"] = True
    (world.folder / "directory.json").write_text(json.dumps(directory))
    world.run("recipients", "import", world.folder / "directory.json")
    before = len(sink.messages())
    dispatch = world.json("submit", world.package())["dispatches"][0]["dispatch"]
    world.run("work", "--until-idle")
    (message,) = sink.messages()[before:]
    counsel = deliveries(world, dispatch)["counsel"]

    (tmp_path / "message.eml").write_bytes(message)
    key, certificate = world.readers[EC].write(tmp_path)
    opened = openssl("cms", "-decrypt", "-in", tmp_path / "message.eml", "-inkey", key, "-recip", certificate)
    (tmp_path / "signed.eml").write_bytes(opened)
    stranger_key, stranger = world.readers[RSA].write(tmp_path)
    forged = world.json("receipts", "ingest", signed_by(tmp_path, stranger_key, stranger))["receipts"][0]["receipt"]
    world.run("work", "--until-idle")
    listed = {one["receipt"]: one for one in world.json("receipts", "list")["receipts"]}
    assert (listed[forged]["finding"], listed[forged]["delivery"]) == ("signed-unproven", None)
    assert deliveries(world, dispatch)["counsel"] == counsel

    proof = world.json("receipts", "ingest", signed_by(tmp_path, key, certificate))["receipts"][0]["receipt"]
    world.run("work", "--until-idle")
    listed = {one["receipt"]: one for one in world.json("receipts", "list")["receipts"]}
    assert (listed[proof]["finding"], listed[proof]["handling"]) == ("signed", "matched")
    events = {one["event"]: one for one in deliveries(world, dispatch)["counsel"]["receipts"]}
    assert events["ContentHandover"]["evidence"] == listed[proof]["evidence"]
    assert "ContentHandover" not in str(deliveries(world, dispatch)["minister-counsel"])


def signed_by(folder: Path, key: Path, certificate: Path) -> Path:
    """The receipt for the message in `signed.eml`, as OpenSSL signs and a mail program sends it."""
    signed, by = folder / "signed.eml", ("-signer", certificate, "-inkey", key)
    receipt = openssl("cms", "-sign_receipt", "-in", signed, "-outform", "DER", *by)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "counsel@elsewhere.test", "registry@gw.test", "Receipt"
    mail.set_content(receipt, maintype="application", subtype="pkcs7-mime", params={"smime-type": "signed-receipt"})
    file = folder / f"{key.stem}.receipt.eml"
    file.write_bytes(mail.as_bytes())
    return file


def gives_back(delivery: dict[str, Any], report: Path) -> None:
    """Asserts that the report names the delivery's message three times: by where it came to, by ENVID, and by ORCPT."""
    message = email.message_from_bytes(report.read_bytes())
    given_back = message["Delivered-To"].partition("+")[2].removesuffix("@gw.test")
    token, _, sending = given_back.partition(".")
    assert [one["reference"] for one in delivery["attempts"]] == [f"<{token}@gw.test>"]
    assert sending == "1"
    (status,) = (part for part in message.walk() if part.get_content_type() == "message/delivery-status")
    about_message, about_recipient = [one for one in status.walk() if one is not status]
    assert about_message["Original-Envelope-Id"] == given_back
    assert about_recipient["Original-Recipient"].startswith("rfc822;")


def _of(handling: dict[str, Any], report: Path) -> bool:
    """Whether the report is of one of the deliveries, by the reference that it gives back."""
    raw = report.read_text()
    references = [one["attempts"][0]["reference"] for one in handling.values() if one["attempts"]]
    return any(reference.strip("<>").partition("@")[0] in raw for reference in references)


def test_what_belongs_to_nothing_stands_before_a_person(world: World, tmp_path: Path) -> None:
    stray = tmp_path / "stray.eml"
    stray.write_bytes(b"From: somebody@elsewhere.test\r\nTo: registry@gw.test\r\nSubject: A question\r\n\r\nWhen?\r\n")
    world.run("receipts", "ingest", stray)
    settings = world.home / "gateway.toml"
    settings.write_text(settings.read_text().replace('patience = "15m"', 'patience = "0s"'))
    world.run("work", "--until-idle")
    (row,) = world.json("receipts", "list", "--handling", "for-person")["receipts"]
    assert (row["finding"], row["delivery"]) == ("personal-reply", None)


def test_a_number_that_nothing_bears_is_no_such_thing(world: World, tmp_path: Path) -> None:
    assert world.json("receipts", "close", "nothing", "--reason", "none", expect=4)["code"] == "receipt.unknown"
    assert world.json("receipts", "show", "nothing", "-o", tmp_path / "x", expect=4)["code"] == "receipt.unknown"
