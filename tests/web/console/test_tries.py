"""Tries to sign in are counted for each address: those in vain, in whatever way and for whatever account."""

import pytest

from gateway.application.console.tries import counted_as
from gateway.application.people.account_rules import address_rate
from gateway.domain.accounts import AccountRole
from tests.web.console.house import PASSWORD, STEP, House

WRONG = {"account": "nobody", "password": "x", "code": "1"}


def tried(house: House, address: str | None = None) -> int:
    """What a try in vain from there is answered."""
    headers = {"X-Forwarded-For": address} if address else {}
    return house.browser.post("/console/en/sign-in", data=WRONG, headers=headers).status_code


def test_an_address_that_tried_in_vain_too_often_waits_and_is_told_how_long(house: House) -> None:
    alice, rate = house.person("alice", AccountRole.REGISTRY), address_rate()
    assert {tried(house) for _ in range(rate.burst)} == {403}
    told = house.browser.post("/console/fr/sign-in", data=WRONG)
    assert (told.status_code, told.headers["retry-after"]) == (429, str(int(rate.interval.total_seconds())))
    assert "Trop de tentatives" in told.text
    link = house.gateway.console.set_up.link("alice", actor="carol")
    set_up = house.post(None, "/en/set-up", {"link": link, "token": alice.token, "password": PASSWORD})
    assert (set_up.status_code, "Too many tries" in set_up.text) == (429, True)
    house.clock.at += rate.interval
    assert [tried(house), tried(house)] == [403, 429]


def test_who_signs_in_takes_nothing_from_who_sits_behind_the_same_address(house: House) -> None:
    alice, rate = house.person("alice", AccountRole.REGISTRY), address_rate()
    house.set_up(alice)
    house.clock.at += STEP
    for _ in range(rate.burst - 1):
        tried(house)
    fields = {"account": "alice", "password": PASSWORD, "code": house.code(alice)}
    assert house.browser.post("/console/en/sign-in", data=fields).status_code == 303
    assert [tried(house), tried(house)] == [403, 429]


def test_nobody_is_believed_who_says_to_be_a_proxy(house: House) -> None:
    assert {tried(house, f"203.0.113.{one}") for one in range(address_rate().burst)} == {403}
    assert tried(house, "203.0.113.99") == 429


def test_behind_a_proxy_that_is_named_each_address_counts_for_itself(
    named: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    burst = address_rate().burst
    assert {tried(named) for _ in range(burst + 1)} == {403}, "an unnamed proxy hides who tries"
    monkeypatch.setenv("GATEWAY_WEB__PROXIES", "127.0.0.0/8")
    behind = House(named.home.path.parent)
    behind.clock.at = named.clock.at
    try:
        assert {tried(behind, "203.0.113.1") for _ in range(burst)} == {403}
        assert tried(behind, "203.0.113.9, 203.0.113.1") == 429, "what was said before it is hearsay"
        assert tried(behind, "203.0.113.1, 203.0.113.2") == 403
    finally:
        behind.close()


def test_of_ipv6_a_whole_line_counts_as_one() -> None:
    assert counted_as("2001:db8:1:2::1") == counted_as("2001:db8:1:2:3:4:5:6") != counted_as("2001:db8:1:3::1")
    assert counted_as("::ffff:192.0.2.1") == "192.0.2.1"
    assert counted_as("no address") == counted_as("another")
