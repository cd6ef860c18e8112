"""Staff find in a real mailbox what is late and what waits for them: from a real Postfix, read over IMAP from a real
Dovecot; and nothing in it that is anybody's name, number or address."""

import email
import email.policy
import imaplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.e2e.test_mailboxes import changed
from tests.e2e.world import World
from tests.real.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.real.postfix import Postfix, running_postfix

pytestmark = pytest.mark.real

STAFF, DUTY = "staff@gw.test", "duty@gw.test"
LONG_AGO = "2026-01-05T10:00:00-05:00"


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with running_postfix() as running:
        yield running


@pytest.fixture
def dovecot(postfix: Postfix) -> Iterator[Dovecot]:
    with running_dovecot(postfix.folder / "mail/gw") as running:
        yield running


@pytest.fixture
def world(postfix: Postfix, tmp_path: Path) -> World:
    server = {"host": "127.0.0.1", "port": postfix.port, "ca": str(postfix.ca), "sender": "registry@gw.test"}
    return World(folder=tmp_path, mail=server | {"server_name": "mx.gw.test"}).make()


def mailbox(dovecot: Dovecot) -> list[EmailMessage]:
    """What lies there, as any mail program gets it."""
    context = ssl.create_default_context(cafile=str(dovecot.ca))
    context.check_hostname = False
    found = []
    with imaplib.IMAP4_SSL("127.0.0.1", dovecot.port, ssl_context=context) as mail:
        mail.login("returns", PASSWORD)
        mail.select()
        for number in mail.search(None, "ALL")[1][0].split():
            raw = mail.fetch(number, "(RFC822)")[1][0]
            assert isinstance(raw, tuple)
            found.append(email.message_from_bytes(raw[1], policy=email.policy.default))
    return [one for one in found if one["To"] in {STAFF, DUTY}]


def test_what_is_late_is_found_in_the_mailbox_once_by_each_who_is_to_know(
    world: World, postfix: Postfix, dovecot: Dovecot
) -> None:
    made = {"form": "written", "signed_at": LONG_AGO, "language": "en", "members": [{"name": "A. Member"}]}
    claimant = {"id": "a1", "roles": ["claimant"], "represents": ["p1"], "name": "Alex Exemple"}
    late = world.package(
        decision=made | {"reasons": "with-notice"},
        participants=[claimant | {"contact": {"unknown": True}}],
        minister={"party": False},
    )
    (taken,) = world.json("submit", late)["dispatches"]
    world.run("work", "--until-idle")
    changed(world, "notices", to=f"{STAFF}, {DUTY}", digest_hour=0)
    world.run("work", "--until-idle")
    world.run("work", "--until-idle")  # looked a moment ago: nothing is told again
    postfix.wait_for(4)
    mails = mailbox(dovecot)
    assert sorted((one["To"], one["Subject"].partition(" / ")[0]) for one in mails) == [
        (address, f"Decision gateway: {counts}")
        for address in (DUTY, STAFF)
        for counts in ("1 late, 0 at risk, 2 for a person", "now 1 late, 0 at risk")
    ]
    for one in mails:
        text = one.get_content()
        assert f"  {taken['dispatch']}" in text.splitlines()
        assert not any(said in one.as_string() + text for said in ("Exemple", "Alex", "TC6-12345", "Member"))
        assert one["Auto-Submitted"] == "auto-generated"
