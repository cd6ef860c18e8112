"""`gateway keys test`: a recipient's program is tried before a decision depends on it, and what came of it is kept."""

import email
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pytest

from keys.smime_reader import open_message
from tests.e2e.world import EC, RSA, World
from tests.real.mail_sink import MailSink, running_sink

pytestmark = pytest.mark.real


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def world(sink: MailSink, tmp_path: Path) -> World:
    mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca), "server_name": "mx.gw.test"}
    return World(folder=tmp_path, mail=mail | {"sender": "registry@gw.test"}).make()


def shown(world: World, recipient: str) -> object:
    """The confirmation as both lists show it."""
    (way,) = world.json("recipients", "show", recipient)["channels"]
    (row,) = [one for one in world.json("keys", "list")["keys"] if one["whose"] == recipient]
    assert way.get("confirmed") == row.get("confirmed")
    return way.get("confirmed")


def test_a_sample_goes_the_real_way_and_that_it_was_opened_is_recorded_for_that_key(
    world: World, sink: MailSink
) -> None:
    assert world.json("keys", "test", EC, "--confirmed", expect=5)["code"] == "key.not-tested"
    sent = world.json("keys", "test", EC)
    (raw,) = sink.messages()
    message, reader = email.message_from_bytes(raw), world.readers[EC]
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    opened = open_message(payload, key=reader.key, certificate=reader.certificate)
    inner = email.message_from_bytes(opened.entity, policy=policy.default)
    assert inner["Subject"] == "Sample of an encrypted message"
    text, page = inner.iter_parts()
    assert "It holds no decision." in text.get_content()
    assert page.get_content().startswith(b"%PDF-")
    assert page.get_filename() == "sample.pdf"

    assert shown(world, EC) is None
    confirmed = world.json("keys", "test", EC, "--confirmed", "--as", "clerk")
    assert (confirmed["fingerprint"], confirmed["by"]) == (sent["fingerprint"], "clerk")
    assert shown(world, EC) == {"at": confirmed["at"], "by": "clerk"}
    assert shown(world, RSA) is None
    assert world.json("dispatches")["dispatches"] == [], "a sample is no dispatch"


def test_a_sample_that_is_not_handed_over_says_why(world: World, sink: MailSink) -> None:
    path = world.home / "gateway.toml"
    path.write_text(path.read_text().replace(f"port = {sink.port}", "port = 2"))
    refused = world.json("keys", "test", RSA, expect=3)
    assert (refused["code"], "smtp.connect" in refused["detail"]) == ("key.test-not-sent", True)
    assert world.json("keys", "test", RSA, "--confirmed", expect=5)["code"] == "key.not-tested"
    assert world.json("keys", "test", "nobody", expect=4)["code"] == "recipient.unknown"
