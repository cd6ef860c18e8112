"""A person is told what happened to their sign-in until they say they read it, and sees and ends their sessions."""

import datetime as dt

import httpx
import pytest

from gateway.application.people.account_rules import news_rules
from gateway.domain.accounts import AccountRole
from gateway.domain.codes import Code
from gateway.domain.console import FRESH, SignInNews
from gateway.domain.events import EventName
from gateway.domain.problem import NotAuthenticated
from gateway.domain.signing_in import MOST_FAILURES
from tests.web.console.house import PASSWORD, STEP, House, Person, hidden

PLACE = "/en/my-sign-in"
NEWS = "What happened to your sign-in"


@pytest.fixture
def alice(house: House) -> Person:
    return house.sign_in(house.person("alice", AccountRole.REGISTRY))


def read(house: House, person: Person, page: httpx.Response) -> httpx.Response:
    return house.post(person, f"{PLACE}/news", {"until": hidden(page, "until")})


def tried(house: House, person: Person, code: str, password: str = PASSWORD) -> None:
    with pytest.raises(NotAuthenticated):
        house.gateway.console.sign_in.enter(person.name, password, code)


def recorded(house: House, name: EventName) -> list[object]:
    with house.gateway.database.read() as tx:
        return [(one.actor, one.facts["account"]) for one in tx.records.events_besides(name)]


def test_a_change_is_told_on_the_first_page_until_it_was_read_and_what_came_meanwhile_stays(
    house: House, alice: Person
) -> None:
    for place in ("/en", PLACE):
        assert "A sign-in was set" in house.get(alice, place).text
    page = house.get(alice, "/en")
    house.clock.at += STEP
    house.gateway.console.sign_in_ways.reset("alice", actor="carol", reason="lost")
    house.set_up(alice)
    house.sign_in(alice)
    assert read(house, alice, page).headers["location"] == f"/console{PLACE}?done=news-read"
    told = house.get(alice, "/en").text
    assert ("A sign-in was reset" in told, told.count("A sign-in was set")) == (True, 1)
    read(house, alice, house.get(alice, "/en"))
    assert all(NEWS not in house.get(alice, place).text for place in ("/en", PLACE))
    assert "Ce qui est arrivé" not in house.get(alice, "/fr").text
    assert house.post(alice, f"{PLACE}/news", {"until": "then"}).status_code == 422


def test_a_code_used_again_is_refused_recorded_and_told_to_its_holder_and_so_is_that_the_account_rested(
    house: House, alice: Person
) -> None:
    read(house, alice, house.get(alice, PLACE))
    tried(house, alice, house.code(alice))
    assert recorded(house, EventName.CONSOLE_CODE_REUSED) == [("console", "alice")]
    assert recorded(house, EventName.CONSOLE_SIGN_IN_FAILED) == []
    page = house.get(alice, "/en")
    assert "A one-time code was used again, and refused" in page.text
    read(house, alice, page)
    tried(house, alice, house.code(alice), password="another password entirely")
    assert NEWS not in house.get(alice, "/en").text, "whoever knows no password tells nobody anything"
    for _ in range(MOST_FAILURES):
        tried(house, alice, "000000", password="another password entirely")
    assert "your account was locked for a while" in house.get(alice, "/en").text
    assert len(recorded(house, EventName.CONSOLE_SIGN_IN_FAILED)) == MOST_FAILURES - 1  # then nothing more is counted


def test_a_person_sees_where_they_are_signed_in_and_ends_all_the_others_after_signing_in_anew(
    house: House, alice: Person
) -> None:
    first = alice.session
    house.sign_in(alice)
    there = Person(name="alice", token="", session=first)
    page = house.get(alice, PLACE).text
    assert (page.count("By password and code, since"), page.count("This browser.")) == (2, 1)
    house.clock.at += FRESH - 2 * STEP
    for person in (alice, there):
        assert house.get(person, "/en").status_code == 200
    house.clock.at += 3 * STEP
    assert "Sign out everywhere else" not in house.get(alice, PLACE).text
    stale = house.post(alice, f"{PLACE}/sessions/removal")
    assert (stale.status_code, Code.SIGN_IN_NOT_FRESH.value in stale.text) == (401, True)
    assert house.get(there, "/en").status_code == 200
    house.sign_in(alice)
    assert house.post(alice, f"{PLACE}/sessions/removal").headers["location"].endswith("done=others-ended")
    assert recorded(house, EventName.CONSOLE_SESSIONS_ENDED) == [("alice", "alice")]
    assert (house.get(alice, "/en").status_code, house.get(there, "/en").status_code) == (200, 303)
    assert house.get(alice, PLACE).text.count("By password and code, since") == 1


def test_what_nobody_read_is_shown_for_years_and_then_goes(house: House) -> None:
    with house.gateway.database.write() as tx:
        tx.console.tell(SignInNews(account="alice", name=EventName.CONSOLE_CODE_REUSED, at=house.clock.at))
    begun, kept = house.clock.at, news_rules().unread_kept
    shown = []
    for passed in (dt.timedelta(0), kept, kept + dt.timedelta(days=1)):
        house.clock.at = begun + passed
        house.gateway.console.forget_news.run_if_due()
        shown.append(len(house.gateway.console.sign_in.news("alice")))
    assert shown == [1, 1, 0]
