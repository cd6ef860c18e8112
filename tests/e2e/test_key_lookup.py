"""`gateway keys lookup` over a real directory: found, judged, proposed by one person, approved by another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.checks import Name
from gateway.doctor import examine
from tests.e2e.home import DAY, NOW, Home, directory, fingerprint, ordered, reader
from tests.e2e.test_two_people import as_
from tests.keys.pki import Authority, ca_order
from tests.keys.test_ldap_directory import point_at
from tests.keys.test_recipient_trust import names
from tests.real.slapd import Slapd, running

pytestmark = pytest.mark.real

AUTHORITY = Authority.root(ordered(ca_order("Root")))
GOOD = reader(AUTHORITY, extensions=(names("a@b.example"),))
PAST = reader(AUTHORITY, extensions=(names("a@b.example"),), not_after=NOW - DAY)


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with running(tmp_path_factory.mktemp("slapd")) as server:
        server.person("reader", "a@b.example", userCertificate=[one.public_bytes(Encoding.DER) for one in (GOOD, PAST)])
        yield server


@pytest.fixture
def home(tmp_path: Path, slapd: Slapd) -> Home:
    made = Home(tmp_path).made("--key-dir", tmp_path / "keys")
    point_at(slapd, made.path)
    made.run("recipients", "import", directory(tmp_path, reader(AUTHORITY)))
    return made


def told(home: Home) -> tuple[str, str | None]:
    """What `doctor` finds of the directory."""
    found = next(one for one in examine(home.path) if one.name is Name.DIRECTORY)
    return found.finding.value, found.problem.code.value if found.problem else None


def test_what_a_directory_holds_is_imported_as_a_proposal_of_one_person_that_another_approves(home: Home) -> None:
    good, past = (fingerprint(one.public_bytes(Encoding.DER)) for one in (GOOD, PAST))
    alice = as_(home, "alice", home.json("users", "add", "alice", "--role", "administrator")["token"])
    bob = as_(home, "bob", alice.json("users", "add", "bob", "--role", "approver")["token"])
    pinned = home.json("recipients", "show", "cbsa-gta")["channels"]

    found = alice.json("keys", "lookup", "cbsa-gta")["certificates"]
    assert [(one["fingerprint"], one["fault"], one["pinned"]) for one in found] == [
        (good, None, False),
        (past, "key.expired", False),
    ]
    shown = alice.run("keys", "lookup", "cbsa-gta").stdout
    assert f"{good} (secp256r1, until {GOOD.not_valid_after_utc:%Y-%m-%d}): fit for use" in shown

    propose = ("keys", "lookup", "cbsa-gta", "--propose")
    assert alice.refused(*propose, past, "--reason", "found", expect=3)["code"] == "key.expired"
    assert alice.refused(*propose, "ab" * 32, "--reason", "found", expect=4)["code"] == "key.not-in-directory"
    assert alice.refused(*propose, good, expect=3)["where"] == "--reason"
    made = alice.json(*propose, good, "--reason", "found in the directory")
    assert (made["outcome"], made["cautions"]) == ("proposed", ["new-key"])
    assert home.json("recipients", "show", "cbsa-gta")["channels"] == pinned, "nothing is taken by itself"

    bob.run("approvals", "approve", made["proposal"], "--reason", "compared by telephone")
    assert good in {one["fingerprint"] for one in home.json("keys", "list")["keys"]}
    history = home.json("recipients", "show", "cbsa-gta")["history"][-1]
    assert (history["fingerprint"], history["pinned_by"], history["approved_by"]) == (good, "alice", "bob")
    again = alice.json("keys", "lookup", "cbsa-gta")["certificates"]
    assert [one["pinned"] for one in again] == [True, False]


def test_doctor_tells_a_directory_that_answers_from_one_that_is_away_or_set_up_wrongly(
    home: Home, slapd: Slapd
) -> None:
    settings = home.path / "gateway.toml"
    stands = settings.read_text()
    assert told(home) == ("good", None)
    for old, new, found in (
        (slapd.ldaps, "ldaps://localhost:1", ("warning", "directory.unavailable")),
        (f'base = "{_base(stands)}"', f'base = "ou=nobody,{_base(stands)}"', ("wrong", "settings.invalid")),
        ("cn=admin,", "cn=nobody,", ("wrong", "settings.invalid")),
        (str(slapd.ca), str(slapd.ca.with_name("missing.pem")), ("wrong", "file.unreadable")),
    ):
        settings.write_text(stands.replace(old, new))
        assert told(home) == found, new
    home.run("keys", "lookup", "cbsa-gta", expect=6)


def _base(settings: str) -> str:
    return settings.partition("[directory]")[2].partition('base = "')[2].partition('"')[0]
