"""The directory and its keys: what stands and until when, and another key put in its place by two people."""

import re
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.domain.accounts import AccountRole
from gateway.domain.parties import ChannelName
from gateway.web.safety import form_token
from tests.e2e.world import EC, VALID, World
from tests.keys.pki import Authority, Order, ca_order, ec_key, pem
from tests.web.console.house import House, Person

PLACE = f"/en/directory/{EC}"


@pytest.fixture
def alice(busy: House) -> Person:
    return busy.sign_in(busy.person("alice", AccountRole.REGISTRY))


@pytest.fixture
def bob(busy: House) -> Person:
    return busy.sign_in(busy.person("bob", AccountRole.APPROVER))


def another_certificate() -> bytes:
    """Of the same recipient, by an authority of theirs."""
    order, root = Order(name="Reader counsel", uses=("key_agreement",)), ca_order("Another Root")
    for one in (order, root):
        one.not_before, one.not_after = VALID["not_before"], VALID["not_after"]
    return pem(Authority.root(root).issue(order, ec_key(ec.SECP384R1())))


def grouped(fingerprint: object) -> str:
    """As it is read aloud."""
    found = re.findall("....", str(fingerprint))
    assert len(found) == 16
    return " ".join(found)


def put(busy: House, person: Person, raw: bytes, **fields: str) -> httpx.Response:
    bears = {"form": form_token(person.session)} | fields
    files = {"file": ("key.pem", raw, "application/x-pem-file")}
    return busy.browser.post(f"/console{PLACE}/key", data=bears, files=files, headers=person.cookie)


def test_entries_and_keys_stand_with_their_last_day_what_ends_first_comes_first(
    busy: House, alice: Person, world: World
) -> None:
    certificate = world.readers[EC].certificate
    until = busy.gateway.keyring.key(busy.gateway.directory.known(EC).channels[0])
    assert until is not None
    listed = busy.get(alice, "/en/directory")
    assert f'href="/console{PLACE}"' in listed.text
    entry = busy.get(alice, PLACE)
    assert grouped(until["fingerprint"]) in entry.text
    assert world.readers[EC].address in entry.text
    assert "has not said yet that they opened a sample" in entry.text
    keys = busy.get(alice, "/fr/keys").text
    here, there = keys.index(grouped(until["fingerprint"])), keys.index("autorité des acceptations")
    assert here < there, "300 days before ten years"
    assert "clé de la passerelle\u00a0: signe les courriels (S/MIME)" in keys
    assert "mail-signing" not in keys, "a code of ours"
    assert certificate.subject.rfc4514_string() not in keys
    assert busy.get(alice, "/en/directory/nobody").status_code == 404


def test_another_key_is_proposed_shown_side_by_side_and_in_use_once_a_second_person_approved(
    busy: House, alice: Person, bob: Person
) -> None:
    before = busy.gateway.directory.pins(EC)[-1].fingerprint
    done = put(busy, alice, another_certificate(), reason="theirs ends soon")
    assert done.headers["location"] == f"/console{PLACE}?done=proposed"
    assert "It is proposed and waits" in busy.get(alice, f"{PLACE}?done=proposed").text
    (proposal,) = busy.gateway.approvals.all(open_only=True)
    assert f'href="/console/en/approvals/{proposal.id}"' in busy.get(bob, PLACE).text
    assert grouped(before) in busy.get(bob, f"/en/approvals/{proposal.id}").text
    assert busy.gateway.directory.pins(EC)[-1].fingerprint == before
    assert busy.post(bob, f"/en/approvals/{proposal.id}/approval", {"reason": "read to me"}).status_code == 303
    way = busy.gateway.directory.known(EC).channel(ChannelName.ENCRYPTED_EMAIL)
    assert way is not None
    key = busy.gateway.keyring.key(way)
    assert key is not None
    page = busy.get(alice, PLACE).text
    assert page.index(grouped(key["fingerprint"])) < page.index(grouped(before))
    assert "Approved by bob." in page


def test_what_is_wrong_with_a_key_stands_beside_it_and_the_reason_stays(
    busy: House,
    alice: Person,
    bob: Person,
) -> None:
    good = another_certificate()
    for raw, fields, field in (
        (b"no key", {"reason": "why"}, "file"),
        (good, {"reason": "why", "fingerprint": "00" * 32}, "file"),
        (good, {"reason": " "}, "reason"),
    ):
        wrong = put(busy, alice, raw, **fields)
        assert (wrong.status_code, f'id="{field}-wrong" role="alert"' in wrong.text) == (422, True), fields
        assert fields["reason"].strip() in wrong.text
    assert list(busy.gateway.approvals.all(open_only=True)) == []


def test_who_may_not_change_recipients_is_not_asked_to(busy: House, bob: Person, tmp_path: Path) -> None:
    assert "Put another key in its place" not in busy.get(bob, PLACE).text
    assert put(busy, bob, b"x", reason="why").status_code == 403
    assert list(tmp_path.glob("*.pem")) == []
