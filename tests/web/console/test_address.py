"""An entry's address is changed by two people: what stands beside what shall, with the key said anew, and what is still
to be sent told beforehand. Nothing that left follows them there."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from gateway.application.recipients.entry_address import SaidKey
from gateway.application.recipients.key_tests import KeyTests
from gateway.domain.accounts import AccountRole
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.parties import ChannelName, Contact
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.proposals import Caution
from gateway.web.safety import form_token
from tests.e2e.world import EC, RSA, World
from tests.web.console.house import House, Person, hidden
from tests.web.console.test_directory import another_certificate, grouped
from tests.web.console.twice import MOMENT, changed, held

MAIL = ChannelName.ENCRYPTED_EMAIL
WAY = f"/en/directory/{EC}/ways/{MAIL}"
WHY = "they moved"
NEW = "moved@gw.test"


@pytest.fixture
def alice(busy: House) -> Person:
    return busy.sign_in(busy.person("alice", AccountRole.REGISTRY))


@pytest.fixture
def bob(busy: House) -> Person:
    return busy.sign_in(busy.person("bob", AccountRole.APPROVER))


def put(busy: House, person: Person, fields: Mapping[str, str], *, key: bytes = b"", path: str = WAY) -> httpx.Response:
    bears = {"form": form_token(person.session), "reason": WHY} | dict(fields)
    files = {"file": ("key.pem" if key else "", key, "application/x-pem-file")}
    return busy.browser.post(f"/console{path}", data=bears, files=files, headers=person.cookie)


def approved(busy: House, person: Person) -> str:
    """The page of the one proposal; it is approved then."""
    (proposal,) = busy.gateway.approvals.all(open_only=True)
    page = busy.get(person, f"/en/approvals/{proposal.id}").text
    done = busy.post(person, f"/en/approvals/{proposal.id}/approval", {"reason": "called them"})
    assert done.status_code == 303, done.text
    return page


def address(busy: House) -> str | None:
    way = busy.gateway.directory.known(EC).channel(MAIL)
    assert way is not None
    return way.address


def test_an_address_is_proposed_with_the_key_said_anew_and_stands_once_another_person_approved(
    busy: House, alice: Person, bob: Person
) -> None:
    former, print_of = address(busy), busy.gateway.directory.pins(EC)[-1].fingerprint
    page = busy.get(alice, WAY)
    assert f'href="/console{WAY}"' in busy.get(alice, f"/en/directory/{EC}").text
    assert f"Stands now: {former}" in page.text
    assert grouped(print_of) in page.text
    seen = {"seen": hidden(page, "seen")}
    with busy.gateway.database.read() as tx:
        owed = [one.id for one in tx.deliveries.owed_to(EC)]
    assert owed
    assert all(f'href="/console/en/deliveries/{one}"' in page.text for one in owed)
    assert "“Try again” plans it anew, for the address that stands then" in page.text

    unsaid = put(busy, alice, seen | {"email": NEW})
    assert (unsaid.status_code, 'id="fingerprint-wrong" role="alert"' in unsaid.text) == (422, True)
    assert f'value="{NEW}"' in unsaid.text
    wrong = put(busy, alice, seen | {"email": NEW, "fingerprint": "0" * 64})
    assert (wrong.status_code, 'id="fingerprint-wrong" role="alert"' in wrong.text) == (422, True)
    same = put(busy, alice, seen | {"email": str(former), "fingerprint": print_of})
    assert (same.status_code, "This is the address that stands" in same.text) == (422, True)
    assert list(busy.gateway.approvals.all(open_only=True)) == []

    done = put(busy, alice, seen | {"email": f" {NEW} ", "fingerprint": grouped(print_of)})
    assert done.headers["location"] == f"/console/en/directory/{EC}?done=address-proposed"
    assert "The address is proposed and waits" in busy.get(alice, f"/en/directory/{EC}?done=address-proposed").text
    assert address(busy) == former
    before = held(busy)
    beside = approved(busy, bob)
    assert re.search(rf"{re.escape(str(former))}</td><td[^>]*>{re.escape(NEW)}</td>", beside)
    assert "the key stays: it was verified for the former address" in beside
    assert address(busy) == NEW
    moved = {"recipients", "recipient_history", "pins", "proposals", "events"}
    assert set(changed(before, held(busy))) == moved  # no delivery, attempt, notice or mail
    now, past = busy.gateway.directory.pins(EC)[-1], busy.gateway.directory.pins(EC)[-2]
    assert (now.fingerprint, now.pinned_by, now.approved_by) == (print_of, "alice", "bob")
    assert past.ended_at is not None


def test_another_key_comes_with_the_address_where_they_use_another(busy: House, alice: Person, bob: Person) -> None:
    former = busy.gateway.directory.pins(EC)[-1].fingerprint
    assert put(busy, alice, {"email": NEW}, key=b"no key").status_code == 422
    assert put(busy, alice, {"email": NEW}, key=another_certificate()).status_code == 303
    (proposal,) = busy.gateway.approvals.all(open_only=True)
    assert {Caution.NEW_ADDRESS, Caution.NEW_KEY} <= set(proposal.cautions)
    assert Caution.KEPT_KEY not in proposal.cautions
    approved(busy, bob)
    assert address(busy) == NEW
    assert busy.gateway.directory.pins(EC)[-1].fingerprint != former


def test_that_they_opened_a_sample_at_the_former_address_says_nothing_of_the_new_one(
    busy: House, alice: Person, bob: Person
) -> None:
    # On the clock of the house: the world's key was pinned on the machine's.
    pinned, _ = busy.gateway.keyring.pin(EC, another_certificate(), actor="alice", reason=WHY)
    busy.gateway.approvals.approve(str(pinned.proposal), actor="bob", reason=WHY)
    print_of, opened = busy.gateway.directory.pins(EC)[-1].fingerprint, "The recipient opened a sample under this key"
    tests: KeyTests = busy.gateway.key_tests
    facts = {"recipient": EC, "channel": MAIL.value, "fingerprint": print_of}
    with busy.gateway.database.write() as tx:
        at = busy.clock.now()
        tx.records.append(
            Event(name=EventName.KEY_TESTED, at=at, actor="alice", facts=facts | {"result": "handed-over"})
        )
    tests.confirm(EC, actor="alice")
    assert opened in busy.get(alice, f"/en/directory/{EC}").text
    busy.clock.at += MOMENT
    assert put(busy, alice, {"email": NEW, "fingerprint": print_of}).status_code == 303
    approved(busy, bob)
    assert opened not in busy.get(alice, f"/en/directory/{EC}").text
    with pytest.raises(Conflict, match="tested"):
        tests.confirm(EC, actor="alice")


def test_an_import_that_keeps_the_key_at_another_address_is_told_to_who_approves(
    busy: House, alice: Person, bob: Person, world: World
) -> None:
    raw = json.loads((world.folder / "directory.json").read_text())
    (entry,) = [one for one in raw["recipients"] if one["id"] == EC]
    entry["channels"][0]["address"] = NEW
    file = json.dumps({"recipients": [entry]}).encode()
    (made,) = busy.gateway.keyring.import_recipients(
        file, lambda path: (world.folder / path).read_bytes(), actor="alice", reason=WHY
    )
    assert {Caution.NEW_ADDRESS, Caution.KEPT_KEY} <= set(made.change.cautions)


def test_numbers_and_postal_addresses_are_changed_too_and_a_building_moves_for_every_carrier(
    busy: House, alice: Person, bob: Person, world: World
) -> None:
    street = {"lines": ["1 King St"], "municipality": "Toronto", "province": "ON", "postal_code": "M5V 3L9"}
    postal = street | {"country": "CA"}
    entry = {
        **{"id": "moving", "name": "Moving", "kind": "other", "language": "en"},
        "channels": [
            {"type": "courier", "postal": postal},
            {"type": "registered-mail", "postal": postal},
            {"type": "fax", "number": "+14165550123"},
            {"type": "secure-upload", "account": "moving"},
        ],
    }
    keyring, approvals = busy.gateway.keyring, busy.gateway.approvals
    (made,) = keyring.import_recipients(json.dumps({"recipients": [entry]}).encode(), None, actor="alice", reason=WHY)  # type: ignore[arg-type]
    approvals.approve(str(made.proposal), actor="bob", reason=WHY)
    here = "/en/directory/moving/ways"
    page = busy.get(alice, f"{here}/courier").text
    assert "1 King St" in page
    assert re.search(r"Moves with it</dt><dd>[^<]*[Rr]egistered", page)
    typed = {"lines": "2 Queen St", "municipality": "Toronto", "province": "on", "postal_code": "m5v3l9", "country": ""}
    bad = put(busy, alice, typed | {"province": "ZZ"}, path=f"{here}/courier")
    assert (bad.status_code, 'id="province-wrong" role="alert"' in bad.text) == (422, True)
    assert put(busy, alice, typed, path=f"{here}/courier").status_code == 303
    approved(busy, bob)
    assert put(busy, alice, {"fax": "(416) 555-0199"}, path=f"{here}/fax").status_code == 303
    approved(busy, bob)
    ways = {one.type: one for one in busy.gateway.directory.known("moving").channels}
    assert {ways[one].postal.lines for one in ("courier", "registered-mail")} == {("2 Queen St",)}  # type: ignore[union-attr]
    assert ways["fax"].number == "+14165550199"
    assert busy.get(alice, f"{here}/secure-upload").status_code == 404
    assert "/ways/secure-upload" not in busy.get(alice, "/en/directory/moving").text


def test_one_changed_meanwhile_or_by_who_may_not_changes_nothing(
    busy: House, alice: Person, bob: Person, tmp_path: Path
) -> None:
    assert put(busy, bob, {"email": NEW}).status_code == 403
    assert "/ways/" not in busy.get(bob, f"/en/directory/{EC}").text
    said = SaidKey(fingerprint=busy.gateway.directory.pins(EC)[-1].fingerprint)
    with pytest.raises(Conflict) as stale:
        busy.gateway.console.entry_address(
            EC, MAIL, Contact(email=NEW), key=said, actor="alice", reason=WHY, seen="old"
        )
    assert stale.value.code is Code.RECIPIENT_CHANGED_MEANWHILE
    other = busy.gateway.directory.pins(RSA)[-1].fingerprint
    with pytest.raises(InputRefused) as mismatch:
        busy.gateway.console.entry_address(
            EC, MAIL, Contact(email=NEW), key=SaidKey(fingerprint=other), actor="alice", reason=WHY
        )
    assert mismatch.value.code is Code.KEY_MISMATCH
    assert list(tmp_path.glob("*.pem")) == []
