"""OpenPGP keys of recipients in a real home: judged at import, pinned by fingerprint, watched, and shown."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.bootstrap import Gateway, open_gateway
from gateway.domain.codes import Code
from gateway.domain.key_findings import NO_END, KeyFault, KeyOwner
from gateway.domain.parties import Language, Protection
from gateway.domain.pins import Pin
from gateway.domain.problem import Conflict, InputRefused
from gateway.home import create_home
from tests.application.test_key_watch import DAY, MovedClock
from tests.contracts.samples import a_delivery, stored_dispatch
from tests.e2e.home import directory, ordered
from tests.e2e.home import reader as smime_reader
from tests.keys.openpgp import NOW, PgpReader, reader
from tests.keys.pki import Authority, ca_order

pytestmark = pytest.mark.real

LATER = NOW + dt.timedelta(hours=3)
"""After every key of this session is made: GnuPG knows no other time than the machine's."""


class House:
    """A home that was told of one recipient with an OpenPGP key."""

    def __init__(self, folder: Path) -> None:
        create_home(folder / "home", key_dir=folder / "keys", sender="registry@tribunal.example", language=Language.EN)
        self.clock = MovedClock(LATER)
        self.gateway: Gateway = open_gateway(folder / "home", clock=self.clock)

    def enter(self, key: bytes, fingerprint: str, recipient: str = "counsel-1") -> None:
        way = {"type": "encrypted-email", "address": "reader@example.test", "protection": "openpgp"}
        way |= {"public_key": "key.asc", "fingerprint": fingerprint}
        entry = {"id": recipient, "name": "Counsel", "kind": "counsel", "language": "en", "channels": [way]}
        raw = json.dumps({"recipients": [entry]}).encode()
        self.gateway.keyring.import_recipients(raw, lambda _: key, actor="test")

    def faults(self) -> list[KeyFault]:
        return [one.fault for one in self.gateway.key_watch.findings() if one.owner is KeyOwner.RECIPIENT]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.gateway.close()


@pytest.fixture(scope="module")
def theirs() -> PgpReader:
    return reader(until="60d")


Unfit = Callable[[], tuple[bytes, str]]


def _revoked() -> tuple[bytes, str]:
    one = reader()
    return one.revoked(), one.fingerprint


def _sign_only() -> tuple[bytes, str]:
    one = reader(usage="")
    return one.public, one.fingerprint


def _weak() -> tuple[bytes, str]:
    one = reader("Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\nSubkey-Type: RSA\nSubkey-Length: 1024")
    return one.public, one.fingerprint


def _another() -> tuple[bytes, str]:
    one = reader()
    return one.public, "AB" * 20


def _rubbish() -> tuple[bytes, str]:
    return b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nrubbish\n", "AB" * 20


UNFIT: dict[Code, Unfit] = {
    Code.KEY_REVOKED: _revoked,
    Code.KEY_WRONG_USE: _sign_only,
    Code.KEY_WEAK: _weak,
    Code.KEY_MISMATCH: _another,
    Code.KEY_UNREADABLE: _rubbish,
}


@pytest.mark.parametrize("code", UNFIT)
def test_an_unfit_key_is_refused_at_either_import_and_nothing_is_pinned(code: Code, house: House) -> None:
    key, fingerprint = UNFIT[code]()
    with pytest.raises(InputRefused) as refused:
        house.enter(key, fingerprint)
    assert (refused.value.code, list(house.gateway.directory.all())) == (code, [])
    good = reader()
    house.enter(good.public, good.fingerprint)
    with pytest.raises(InputRefused) as refused:
        house.gateway.keyring.pin("counsel-1", key, fingerprint=fingerprint, actor="test")
    assert refused.value.code is code
    (way,) = house.gateway.directory.known("counsel-1").channels
    assert way.fingerprint == good.fingerprint


def test_an_expired_key_and_one_of_the_future_are_refused(house: House, theirs: PgpReader) -> None:
    for at, code in ((NOW + 61 * DAY, Code.KEY_EXPIRED), (NOW - 30 * DAY, Code.KEY_NOT_YET_VALID)):
        house.clock.at = at
        with pytest.raises(InputRefused) as refused:
            house.enter(theirs.public, theirs.fingerprint)
        assert refused.value.code is code


def test_a_key_is_pinned_only_with_the_fingerprint_that_was_compared(house: House, theirs: PgpReader) -> None:
    first = reader()
    house.enter(first.public, first.fingerprint)
    for stated in (None, "", theirs.fingerprint[:16], "0x" + theirs.fingerprint):
        with pytest.raises(InputRefused) as refused:
            house.gateway.keyring.pin("counsel-1", theirs.public, fingerprint=stated, actor="test")
        assert (refused.value.code, refused.value.where) == (Code.REQUEST_INVALID, "--fingerprint")
    spaced = " ".join(theirs.fingerprint[at : at + 4] for at in range(0, 40, 4)).lower()
    _, view = house.gateway.keyring.pin("counsel-1", theirs.public, fingerprint=spaced, actor="test")
    assert view["fingerprint"] == theirs.fingerprint
    old, new = house.gateway.directory.pins("counsel-1")
    assert isinstance(old, Pin)
    assert (old.replaced_by, new.fingerprint) == (theirs.fingerprint, theirs.fingerprint)


def test_a_key_takes_the_place_of_a_certificate_and_the_other_way_round(
    house: House, theirs: PgpReader, tmp_path: Path
) -> None:
    certificate = smime_reader(Authority.root(ordered(ca_order("Root"))))
    file = directory(tmp_path, certificate)
    keyring = house.gateway.keyring
    keyring.import_recipients(file.read_bytes(), lambda path: (tmp_path / path).read_bytes(), actor="test")
    keyring.pin("cbsa-gta", theirs.public, fingerprint=theirs.fingerprint, actor="test")
    (way,) = house.gateway.directory.known("cbsa-gta").channels
    assert (way.protection, way.certificate, way.fingerprint) == (Protection.OPENPGP, None, theirs.fingerprint)
    with pytest.raises(InputRefused) as refused:
        keyring.pin("cbsa-gta", (tmp_path / "cbsa.pem").read_bytes(), fingerprint="ab" * 32, actor="test")
    assert refused.value.code is Code.KEY_MISMATCH
    keyring.pin("cbsa-gta", (tmp_path / "cbsa.pem").read_bytes(), actor="test")
    (way,) = house.gateway.directory.known("cbsa-gta").channels
    assert (way.protection, way.public_key, way.fingerprint) == (Protection.SMIME, None, None)


def test_a_key_of_one_recipient_is_not_pinned_to_another(house: House, theirs: PgpReader) -> None:
    house.enter(theirs.public, theirs.fingerprint)
    with pytest.raises(Conflict) as refused:
        house.enter(theirs.public, theirs.fingerprint, recipient="counsel-2")
    assert refused.value.code is Code.KEY_PINNED_ELSEWHERE


def test_the_watch_tells_of_its_end_with_the_deliveries_it_will_stop(house: House, theirs: PgpReader) -> None:
    house.enter(theirs.public, theirs.fingerprint)
    dispatch = stored_dispatch(house.gateway.database)
    owed = a_delivery(dispatch.id, recipient="counsel-1", plan=("encrypted-email", "courier"), position=0)
    with house.gateway.database.write() as tx:
        tx.deliveries.add(owed)
    assert house.faults() == []
    for days, fault in ((35, KeyFault.EXPIRES_IN_30_DAYS), (55, KeyFault.EXPIRES_IN_7_DAYS), (61, KeyFault.EXPIRED)):
        house.clock.at = NOW + days * DAY
        (found,) = (one for one in house.gateway.key_watch.findings() if one.whose == "counsel-1")
        assert (found.fault, found.fingerprint, found.deliveries) == (fault, theirs.fingerprint, (owed.id,))
    assert house.gateway.key_watch.run_if_due() == 1
    assert [one.fault for one in house.gateway.key_watch.last() if one.whose == "counsel-1"] == [KeyFault.EXPIRED]


def test_what_became_of_a_key_since_its_import_is_found_by_the_watch(house: House) -> None:
    """The entry is written past the checks of an import: as an older version, or another hand, might have left it."""
    good = reader(until="0")
    house.enter(good.public, good.fingerprint)
    assert house.faults() == []
    for make, fault in ((_revoked, KeyFault.REVOKED), (_sign_only, KeyFault.WRONG_USE), (_weak, KeyFault.WEAK)):
        key, fingerprint = make()
        gateway = house.gateway
        entry = gateway.directory.known("counsel-1")
        way = replace(entry.channels[0], public_key=key, fingerprint=fingerprint)
        gateway.approvals.make(gateway.directory.changes([replace(entry, channels=(way,))]), actor="x", reason=None)
        assert house.faults() == [fault]


def test_keys_are_listed_ours_among_them_and_one_without_end_has_no_last_day(house: House) -> None:
    theirs = reader(until="0")
    house.enter(theirs.public, theirs.fingerprint)
    listed = {(row["what"], row["whose"]): row for row in house.gateway.keyring.all()}
    row = listed["recipient", "counsel-1"]
    assert (row["fingerprint"], row["key"], row["not_after"], row["expired"]) == (
        theirs.fingerprint,
        "cv25519",
        None,
        False,
    )
    ours = listed["own", "openpgp-signing"]
    assert len(str(ours["fingerprint"])) == 40
    assert ours["key"] == "ed25519"
    assert str(ours["not_after"]) < NO_END.isoformat()
    house.clock.at = NOW + 1070 * DAY
    assert ("openpgp-signing", KeyFault.EXPIRES_IN_30_DAYS) in {
        (one.whose, one.fault) for one in house.gateway.key_watch.findings()
    }
