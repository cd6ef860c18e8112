"""The watch over keys, and published revocation kept, over a real home and a real authority's publications."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.bootstrap import Gateway, open_gateway
from gateway.checks import Detail, Name
from gateway.doctor import examine
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import EventName
from gateway.domain.failures import Refused
from gateway.domain.key_findings import KeyFault, KeyOwner
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.parties import Language, Protection, RecipientChannel
from gateway.domain.reasons import Reason
from gateway.home import create_home
from gateway.worker.figures import Standing
from keys.own import load_own_keys
from keys.own_facts import own_facts
from tests.contracts.samples import a_delivery, stored_dispatch
from tests.e2e.home import directory, ordered, reader
from tests.keys.pki import Authority, ca_order, pem
from tests.keys.test_recipient_trust import names, point
from tests.real.authority_server import Publications, publishing

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass
class MovedClock:
    """A clock that the test moves."""

    at: dt.datetime = NOW

    def now(self) -> dt.datetime:
        return self.at


@dataclass
class House:
    """A home whose one recipient's authority publishes a list."""

    gateway: Gateway
    clock: MovedClock
    authority: Authority
    published: Publications
    folder: Path

    def enter(self, not_after: dt.datetime) -> RecipientChannel:
        extensions = (names("a@b.example"), point(self.published.at("/1.crl")))
        certificate = reader(self.authority, not_after=not_after, extensions=extensions)
        file = directory(self.folder, certificate)
        self.gateway.keyring.import_recipients(
            file.read_bytes(), lambda path: (self.folder / path).read_bytes(), actor="test"
        )
        return RecipientChannel(
            type="encrypted-email",
            address="a@b.example",
            protection=Protection.SMIME,
            certificate=certificate.public_bytes(Encoding.DER),
        )

    def faults(self) -> list[tuple[KeyOwner, str, KeyFault]]:
        return [(one.owner, one.whose, one.fault) for one in self.gateway.key_watch.findings()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    home = tmp_path / "home"
    create_home(home, key_dir=tmp_path / "keys", sender="registry@tribunal.example", language=Language.EN)
    clock, authority = MovedClock(), Authority.root(replace(ordered(ca_order("Root")), not_after=NOW + 900 * DAY))
    gateway = open_gateway(home, clock=clock)
    with publishing() as published:
        published.bodies["/1.crl"] = authority.crl(since=NOW - DAY, until=NOW + 100 * DAY)
        gateway.keyring.trust(pem(authority.certificate), divisions=None, signer=None, crls=[], actor="test")
        yield House(gateway=gateway, clock=clock, authority=authority, published=published, folder=tmp_path)
    gateway.close()


def test_a_key_is_told_of_30_and_7_days_before_its_end_with_the_deliveries_it_will_stop(house: House) -> None:
    house.enter(NOW + 40 * DAY)
    dispatch = stored_dispatch(house.gateway.database)
    owed = a_delivery(dispatch.id, recipient="cbsa-gta", plan=("encrypted-email", "courier"), position=0)
    by_courier = replace(a_delivery(dispatch.id, recipient="cbsa-gta", plan=("encrypted-email", "courier")), position=1)
    gone = a_delivery(dispatch.id, recipient="cbsa-gta", plan=("encrypted-email",), state=DeliveryState.HANDED_OVER)
    with house.gateway.database.write() as tx:
        for one in (owed, by_courier, gone):
            tx.deliveries.add(one)
    assert house.faults() == []
    for days, fault in ((10, KeyFault.EXPIRES_IN_30_DAYS), (33, KeyFault.EXPIRES_IN_7_DAYS), (40, KeyFault.EXPIRED)):
        house.clock.at = NOW + days * DAY + dt.timedelta(seconds=1)
        (found,) = house.gateway.key_watch.findings()
        assert (found.owner, found.whose, found.fault) == (KeyOwner.RECIPIENT, "cbsa-gta", fault)
        assert found.deliveries == (owed.id,)


def test_the_watch_runs_once_a_day_and_records_what_is_new(house: House) -> None:
    house.enter(NOW + 20 * DAY)
    assert house.gateway.key_watch.run_if_due() == 1
    assert house.gateway.key_watch.run_if_due() == 0
    house.clock.at += DAY
    assert house.gateway.key_watch.run_if_due() == 0
    (found,) = house.gateway.key_watch.last()
    assert found.fault is KeyFault.EXPIRES_IN_30_DAYS


def test_what_the_watch_found_stands_in_a_figure_in_the_record_and_before_staff(house: House) -> None:
    house.enter(NOW + 20 * DAY)
    house.gateway.key_watch.run()
    figures = {one.name: one for one in Standing(house.gateway.database, house.clock).collect()}
    (sample,) = figures["gateway_keys_wanting"].samples
    assert (sample.labels, sample.value) == ({"owner": "recipient", "fault": "expires-in-30-days"}, 1)
    with house.gateway.database.read() as tx:
        entries = [one.event for one in tx.ledger.entries() if one.event is not None]
    (told,) = [one for one in entries if one.name is EventName.KEY_FOUND_WANTING]
    assert (told.facts["whose"], told.facts["fault"]) == ("cbsa-gta", "expires-in-30-days")
    check = next(one for one in examine(house.folder / "home") if one.name is Name.RECIPIENTS)
    assert (check.detail, check.facts) == (Detail.KEYS_WANTING, {"count": 1, "first": "cbsa-gta"})


def test_an_authority_of_ours_is_told_of_a_year_ahead_and_a_key_of_ours_a_month(house: House) -> None:
    """Others pin the authority, and must have the next one in time."""
    end = {name: facts.not_after for name, facts in own_facts(load_own_keys(house.folder / "keys"))}
    for name, before, fault in (
        ("mail-ca", 364, KeyFault.EXPIRES_IN_A_YEAR),
        ("gateway-ca", 29, KeyFault.EXPIRES_IN_30_DAYS),
        ("mail-signing", 29, KeyFault.EXPIRES_IN_30_DAYS),
        ("mail-signing", 6, KeyFault.EXPIRES_IN_7_DAYS),
        ("mail-ca", -1, KeyFault.EXPIRED),
    ):
        house.clock.at = end[name] - before * DAY
        assert (KeyOwner.OWN, name, fault) in house.faults()
    house.clock.at = end["mail-signing"] - 31 * DAY
    assert [one for one in house.faults() if one[0] is KeyOwner.OWN and one[1] != "openpgp-signing"] == []
    house.clock.at = end["mail-ca"] - 366 * DAY
    assert "mail-ca" not in {one[1] for one in house.faults()}
    house.clock.at = end["mail-ca"] - 364 * DAY
    house.gateway.rotate(OwnKeyName.MAIL_CA, actor="test")
    assert "mail-ca" not in {one[1] for one in house.faults()}


def test_a_list_is_asked_for_once_while_it_holds_and_kept_for_the_next_process(house: House) -> None:
    house.enter(NOW + 300 * DAY)
    for _ in range(3):
        assert house.faults() == []
    assert house.published.asked == ["/1.crl"]
    again = open_gateway(house.folder / "home", clock=house.clock)
    try:
        assert again.key_watch.findings() == []
    finally:
        again.close()
    assert house.published.asked == ["/1.crl"]


def test_a_silent_source_is_left_alone_for_a_while_and_asked_again_later(house: House) -> None:
    house.enter(NOW + 300 * DAY)
    house.published.bodies.clear()
    house.clock.at = NOW + 101 * DAY
    for _ in range(3):
        assert [fault for _, _, fault in house.faults()] == [KeyFault.REVOCATION_UNKNOWN]
    assert house.published.asked == ["/1.crl"] * 2
    house.published.bodies["/1.crl"] = house.authority.crl(since=NOW + 100 * DAY, until=NOW + 200 * DAY)
    house.clock.at += dt.timedelta(minutes=5)
    assert house.faults() == []
    assert house.published.asked == ["/1.crl"] * 3


def test_a_list_is_renewed_by_the_watch_before_it_ends(house: House) -> None:
    house.enter(NOW + 300 * DAY)
    house.clock.at = NOW + 100 * DAY - dt.timedelta(hours=5)
    house.published.bodies["/1.crl"] = house.authority.crl(since=house.clock.at, until=NOW + 200 * DAY)
    house.gateway.key_watch.run_if_due()
    house.published.bodies.clear()
    house.clock.at = NOW + 150 * DAY
    assert house.faults() == []


def test_a_list_that_was_handed_in_and_is_past_its_update_is_named(house: House) -> None:
    crl = house.authority.crl(since=NOW - DAY, until=NOW + DAY)
    house.gateway.keyring.trust(
        pem(house.authority.certificate), divisions="RPD", signer=None, crls=[crl], actor="test"
    )
    assert house.faults() == []
    house.clock.at = NOW + 2 * DAY
    assert house.faults() == [(KeyOwner.ANCHOR, "", KeyFault.LIST_STALE)]


def test_a_revoked_key_is_named_and_refused_at_the_one_door(house: House) -> None:
    way = house.enter(NOW + 300 * DAY)
    assert house.gateway.check_key(way, NOW) is None
    certificate = x509.load_der_x509_certificate(way.certificate or b"")
    house.published.bodies["/1.crl"] = house.authority.crl(certificate, since=NOW + 100 * DAY, until=NOW + 200 * DAY)
    house.clock.at = NOW + 101 * DAY
    assert house.faults() == [(KeyOwner.RECIPIENT, "cbsa-gta", KeyFault.REVOKED)]
    assert house.gateway.check_key(way, house.clock.at) == Refused(reason=Reason.KEY_REVOKED)
