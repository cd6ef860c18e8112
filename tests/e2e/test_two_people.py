"""Two people at the command line: accounts with tokens, a changed key proposed by one and approved by the other."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.application.packages import POSTAL
from tests.e2e.home import Home, directory, fingerprint, ordered, reader, signed_for
from tests.keys.openpgp import reader as openpgp_reader
from tests.keys.pki import Authority, ca_order, pem
from tests.unit.routed import granting


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path).made()


def as_(home: Home, name: str, token: str) -> Home:
    return Home(home.folder, more={"GATEWAY_USER": name, "GATEWAY_TOKEN": token})


def test_a_changed_key_takes_two_people_and_both_stand_in_the_history(home: Home) -> None:
    authority = Authority.root(ordered(ca_order("Root")))
    home.run("recipients", "import", directory(home.folder, reader(authority)))
    made = home.json("users", "add", "alice", "--role", "administrator", "--role", "approver")
    alice = as_(home, "alice", made["token"])
    token = alice.json("users", "token")
    alice.run("users", "add", "bob", "--role", "registry", "--role", "approver", "--digest", token["digest"])
    bob = as_(home, "bob", token["token"])

    certificate = reader(authority)
    (home.folder / "new.pem").write_bytes(pem(certificate))
    assert home.refused("keys", "import", "cbsa-gta", home.folder / "new.pem", expect=2)["code"] == "account.unknown"
    pinning = ("keys", "import", "cbsa-gta", home.folder / "new.pem")
    assert alice.refused(*pinning, expect=3)["where"] == "--reason"
    proposed = alice.json(*pinning, "--reason", "renewed")
    assert (proposed["outcome"], proposed["cautions"][0]) == ("proposed", "new-key")

    (waiting,) = bob.json("approvals", "list")["approvals"]
    shown = bob.run("approvals", "show", waiting["proposal"]).stdout
    assert "renewed" in shown
    assert fingerprint(certificate.public_bytes(Encoding.DER)) in shown
    decide = ("approvals", "approve", waiting["proposal"], "--reason", "compared by telephone")
    assert alice.refused(*decide, expect=2)["code"] == "approval.own"
    assert bob.json(*decide)["state"] == "approved"
    old, new = home.json("recipients", "show", "cbsa-gta")["history"]
    assert (new["pinned_by"], new["approved_by"], old["ended_by"]) == ("alice", "bob", "bob")
    assert old["replaced_by"] == new["fingerprint"] == fingerprint(certificate.public_bytes(Encoding.DER))
    checks = {one["check"]: one["finding"] for one in home.json("doctor", expect=0)["checks"]}
    assert checks["accounts"] == "good"


@pytest.mark.real
def test_an_openpgp_key_in_place_of_a_certificate_takes_two_people_as_well(home: Home) -> None:
    home.run("recipients", "import", directory(home.folder, reader(Authority.root(ordered(ca_order("Root"))))))
    alice = as_(home, "alice", home.json("users", "add", "alice", "--role", "administrator")["token"])
    bob = as_(home, "bob", alice.json("users", "add", "bob", "--role", "approver")["token"])
    theirs = openpgp_reader()
    (home.folder / "theirs.asc").write_bytes(theirs.public)
    pinning = ("keys", "import", "cbsa-gta", home.folder / "theirs.asc", "--reason", "they use OpenPGP now")
    assert alice.refused(*pinning, expect=3)["where"] == "--fingerprint"
    assert alice.refused(*pinning, "--fingerprint", "AB" * 20, expect=3)["code"] == "key.mismatch"
    proposed = alice.json(*pinning, "--fingerprint", theirs.fingerprint)
    assert (proposed["outcome"], proposed["cautions"]) == ("proposed", ["new-key"])
    assert theirs.fingerprint in bob.run("approvals", "show", proposed["proposal"]).stdout
    bob.run("approvals", "approve", proposed["proposal"], "--reason", "compared by telephone")
    shown = home.json("recipients", "show", "cbsa-gta")
    (way,) = shown["channels"]
    assert (way["protection"], way["public_key"]["fingerprint"]) == ("openpgp", theirs.fingerprint)
    assert shown["history"][-1]["approved_by"] == "bob"
    assert theirs.fingerprint in home.run("keys", "list").stdout.replace("\n", "")


def test_a_corrected_address_takes_two_people_who_both_see_what_it_replaces(home: Home) -> None:
    signed = signed_for(home, Authority.root(ordered(ca_order("Registry Root"))))
    claimant = {"id": "a1", "roles": ["claimant"], "represents": ["p1"], "contact": {"postal": POSTAL}}
    package = signed.built("one", participants=[claimant], minister={"party": False})
    (taken,) = home.json("submit", package)["dispatches"]
    home.run("work", "--until-idle")
    delivery = next(one for one in home.json("status", taken["dispatch"])["deliveries"] if one["participant"] == "a1")
    roles = ("--role", "administrator", "--role", "registry", "--role", "approver")
    alice = as_(home, "alice", home.json("users", "add", "alice", *roles)["token"])
    bob = as_(home, "bob", alice.json("users", "add", "bob", *roles)["token"])
    address = home.folder / "address.json"
    address.write_text(json.dumps({"postal": POSTAL | {"lines": ["77 Other Rd"]}}))
    correcting = ("resolve", delivery["delivery"], "correct-address", "--reason", "she telephoned")
    assert alice.refused(*correcting, expect=3)["where"] == "correct-address"
    proposed = alice.json(*correcting, "--file", address)
    assert proposed["state"] == "needs-person"
    shown = bob.run("approvals", "show", proposed["proposal"]).stdout
    (lines,) = [one for one in shown.splitlines() if "postal.lines" in one]
    assert lines.split(maxsplit=1)[1].split("  ")[0] == "123 Example St"
    assert lines.rstrip().endswith("77 Other Rd")
    assert alice.json(*correcting, "--file", address)["proposal"] == proposed["proposal"], "the same is proposed once"
    decide = ("approvals", "approve", proposed["proposal"], "--reason", "compared with the file")
    assert alice.refused(*decide, expect=2)["code"] == "approval.own"
    assert bob.json(*decide)["state"] == "approved"
    after = next(one for one in home.json("status", taken["dispatch"])["deliveries"] if one["participant"] == "a1")
    assert after["state"] == "planned"


def test_a_way_that_the_rules_close_is_opened_by_two_people_where_the_rules_let_them(home: Home) -> None:
    signed = signed_for(home, Authority.root(ordered(ca_order("Registry Root"))))
    home.run("recipients", "import", directory(home.folder, reader(Authority.root(ordered(ca_order("Root"))))))
    (home.path / "registry.toml").write_text(granting("rpd-sensitive", division="RPD", when="sensitive = true"))
    settings = home.path / "gateway.toml"
    way = '\n[channels.encrypted-email]\nhost = "127.0.0.1"\nport = 9\ntls = "none"\nsender = "registry@gw.test"\n'
    settings.write_text(settings.read_text().replace('overlay = ""', 'overlay = "registry.toml"') + way)
    counsel = {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-gta"}
    package = signed.built("one", participants=[counsel], minister={"party": True}, sensitive=True)
    (taken,) = home.json("submit", package)["dispatches"]
    home.run("work", "--until-idle")
    delivery = copy_of(home, taken["dispatch"], "m1")
    assert (delivery["state"], delivery["reason"]) == ("needs-person", "plan.confidential")

    roles = ("--role", "administrator", "--role", "registry", "--role", "approver")
    alice = as_(home, "alice", home.json("users", "add", "alice", *roles)["token"])
    bob = as_(home, "bob", alice.json("users", "add", "bob", *roles)["token"])
    rerouting = ("resolve", delivery["delivery"], "reroute", "--channel", "encrypted-email", "--reason", "they consent")
    assert alice.refused(*rerouting, expect=5)["code"] == "delivery.papers-not-made"
    asked = alice.run(*rerouting, "--override", "--lang", "fr").stdout
    assert "seconde personne" in asked
    (waiting,) = bob.json("approvals", "list")["approvals"]
    assert (waiting["kind"], waiting["subject"]) == ("override", delivery["delivery"])
    assert "rpd-sensitive" in bob.run("approvals", "show", waiting["proposal"]).stdout
    decide = ("approvals", "approve", waiting["proposal"], "--reason", "I read the consent")
    assert alice.refused(*decide, expect=2)["code"] == "approval.own"
    bob.run(*decide)
    home.run("work", "--until-idle")
    assert copy_of(home, taken["dispatch"], "m1")["plan"] == ["encrypted-email"]


def copy_of(home: Home, dispatch: str, participant: str) -> Any:
    """The participant's copy as `gateway status` shows it."""
    return next(one for one in home.json("status", dispatch)["deliveries"] if one["participant"] == participant)


def test_with_two_accounts_nobody_acts_without_a_token(home: Home) -> None:
    alice = as_(home, "alice", home.json("users", "add", "alice", "--role", "administrator")["token"])
    second = alice.json("users", "add", "bob", "--role", "approver")
    assert second["outcome"] == "applied"
    for line in (
        ("tokens", "create", "nova", "--scope", "submit"),
        ("users", "add", "carol", "--role", "reader", "--digest", "ab" * 32),
        ("users", "disable", "alice", "--reason", "so that I am alone"),
        ("files", "confirm", "TC6-12345", "--division", "RPD", "--reason", "in another's name"),
    ):
        assert as_(home, "alice", "wrong").refused(*line, expect=2)["code"] == "account.token-invalid"
        assert as_(home, "bob", second["token"]).refused(*line, expect=2)["code"] == "account.not-permitted"
        assert home.refused(*line, expect=2)["code"] == "account.unknown"
    assert [one["name"] for one in home.json("users", "list")["users"]] == ["alice", "bob"]
    assert alice.refused("users", "add", "carol", "--role", "reader", expect=3)["where"] == "--digest"


def test_a_token_that_was_handed_out_is_replaced_by_ones_own(home: Home) -> None:
    alice = as_(home, "alice", home.json("users", "add", "alice", "--role", "administrator")["token"])
    handed = as_(home, "bob", alice.json("users", "add", "bob", "--role", "approver")["token"])
    own = handed.json("users", "token")
    assert handed.json("users", "token", "--digest", own["digest"]) == {"account": "bob", "renewed": True}
    again = ("users", "token", "--digest", own["digest"])
    assert handed.refused(*again, expect=2)["code"] == "account.token-invalid"
    as_(home, "bob", own["token"]).run(*again)
    assert (
        alice.json("users", "token", "--of", "bob", "--digest", "ab" * 32, "--reason", "lost")["outcome"] == "proposed"
    )
    assert alice.refused("users", "token", "--of", "bob", expect=3)["where"] == "--digest"


def test_what_a_person_reads_is_in_their_language(home: Home) -> None:
    assert "users add" in home.run("users", "list").stdout
    assert "seconde personne" in home.run("approvals", "list", "--lang", "fr").stdout
    done = home.run("users", "add", "alice", "--role", "administrator", "--lang", "fr")
    assert done.stdout.startswith("dgu_")
    assert "Remettez ce jeton" in done.stderr
    assert "administrateur" in home.run("users", "list", "--lang", "fr").stdout
