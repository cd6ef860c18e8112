"""Signing in to the console, and setting how one does."""

import datetime as dt

import pytest

from gateway.domain.accounts import AccountRole
from gateway.domain.codes import Code
from gateway.domain.console import LINK_LIFE, SET_UP_LIFE
from gateway.domain.events import EventName
from gateway.domain.problem import NotAuthenticated, Problem
from gateway.domain.signing_in import IDLE, LOCKED_FOR, LONGEST, MOST_FAILURES
from tests.web.console.house import PASSWORD, STEP, House, Person, hidden

NO_SESSION = "/console/en/sign-in"


def enters(house: House, person: Person, password: str = PASSWORD, code: str | None = None) -> bool:
    try:
        house.gateway.console.sign_in.enter(person.name, password, house.code(person) if code is None else code)
    except NotAuthenticated:
        return False
    return True


def test_a_person_sets_their_sign_in_by_link_token_password_and_code_and_signs_in(house: House) -> None:
    alice = house.person("alice", AccountRole.REGISTRY)
    link = house.gateway.console.set_up.link("alice", actor="carol")
    asked = house.get(None, f"/fr/set-up?link={link}")
    assert "alice" in asked.text
    device = house.post(None, "/fr/set-up", {"link": link, "token": alice.token, "password": PASSWORD})
    assert "<svg" in device.text
    secret = "".join(device.text.split('<p class="code">')[1].split("<")[0].split())
    alice.device = secret
    wrong = house.post(None, "/fr/set-up/code", {"ticket": hidden(device, "ticket"), "code": "000000"})
    assert (wrong.status_code, "code-wrong" in wrong.text) == (422, True)
    assert secret in "".join(wrong.text.split())
    done = house.post(None, "/fr/set-up/code", {"ticket": hidden(wrong, "ticket"), "code": house.code(alice)})
    assert done.headers["location"] == "/console/fr/sign-in?done=set"

    house.clock.at += STEP
    fields = {"account": "alice", "password": PASSWORD, "code": house.code(alice), "then": "/console/fr?x=1"}
    entered = house.browser.post("/console/fr/sign-in", data=fields)
    assert (entered.status_code, entered.headers["location"]) == (303, "/console/fr?x=1")
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-console=")
    assert all(one in cookie for one in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"))
    alice.session = cookie.split("=", 1)[1].split(";")[0]
    assert house.get(alice, "/fr").status_code == 200
    out = house.post(alice, "/fr/sign-out")
    assert out.headers["location"] == "/console/fr/sign-in?done=out"
    assert house.get(alice, "/fr").headers["location"] == "/console/fr/sign-in"


def test_the_link_opens_nothing_without_the_accounts_own_token(house: House) -> None:
    house.person("alice", AccountRole.REGISTRY)
    other = house.person("carol", AccountRole.ADMINISTRATOR)
    link = house.gateway.console.set_up.link("alice", actor="carol")
    refused = house.post(None, "/en/set-up", {"link": link, "token": other.token, "password": PASSWORD})
    assert (refused.status_code, 'id="token-wrong"' in refused.text) == (422, True)


@pytest.mark.parametrize("password", ["elevenletter"[:11], "x" * 129, "alice in wonderland"])
def test_a_weak_password_is_refused_beside_its_field(house: House, password: str) -> None:
    alice = house.person("alice", AccountRole.REGISTRY)
    link = house.gateway.console.set_up.link("alice", actor="carol")
    refused = house.post(None, "/en/set-up", {"link": link, "token": alice.token, "password": password})
    assert (refused.status_code, 'id="password-wrong"' in refused.text) == (422, True)
    assert password not in refused.text


def test_a_link_is_good_once_for_a_day_and_until_a_newer_one_is_made(house: House) -> None:
    alice, set_up = house.person("alice"), house.gateway.console.set_up
    first, second = set_up.link("alice", actor="carol"), set_up.link("alice", actor="carol")
    begun = set_up.begin(second, token=alice.token, password=PASSWORD)
    alice.device = begun.secret
    set_up.finish(begun.ticket, house.code(alice))
    third = set_up.link("alice", actor="carol")
    house.clock.at += LINK_LIFE
    for link in (first, second, third, "made up"):
        gone = house.get(None, f"/en/set-up?link={link}")
        assert (gone.status_code, "opens nothing any more" in gone.text) == (404, True)
    with pytest.raises(Problem) as spent:
        set_up.finish(begun.ticket, house.code(alice))
    assert spent.value.code is Code.SIGN_IN_LINK_SPENT


def test_what_was_prepared_is_good_for_a_quarter_of_an_hour(house: House) -> None:
    alice, set_up = house.person("alice"), house.gateway.console.set_up
    begun = set_up.begin(set_up.link("alice", actor="carol"), token=alice.token, password=PASSWORD)
    alice.device = begun.secret
    house.clock.at += SET_UP_LIFE
    for ticket in (begun.ticket, begun.ticket[:-8] + "AAAAAAA=", "no ticket"):
        with pytest.raises(Problem) as spent:
            set_up.finish(ticket, house.code(alice))
        assert spent.value.code is Code.SIGN_IN_LINK_SPENT


def test_nobody_signs_in_with_a_password_alone_a_code_alone_or_a_code_twice(house: House) -> None:
    alice = house.person("alice", AccountRole.REGISTRY)
    house.set_up(alice)
    assert not enters(house, alice), "the code that set it up was used"
    house.clock.at += STEP
    assert not enters(house, alice, code="")
    assert not enters(house, alice, password="")
    assert not enters(house, Person(name="nobody", token="", device=alice.device))
    assert enters(house, alice)
    assert not enters(house, alice), "the same code again"


def test_an_account_rests_after_failures_in_a_row_and_says_so_to_nobody(house: House) -> None:
    alice = house.person("alice", AccountRole.REGISTRY)
    house.set_up(alice)
    house.clock.at += STEP
    answers = {
        house.browser.post("/console/en/sign-in", data={"account": "alice", "password": "x", "code": "1"}).text
        for _ in range(MOST_FAILURES)
    }
    assert not enters(house, alice)
    resting = house.browser.post("/console/en/sign-in", data={"account": "alice", "password": "x", "code": "1"})
    assert answers == {resting.text}
    assert resting.status_code == 403
    house.clock.at += LOCKED_FOR
    assert enters(house, alice)
    with house.gateway.database.read() as tx:
        failed = tx.records.events_besides(EventName.CONSOLE_SIGN_IN_FAILED)
    assert [one.facts["locked"] for one in failed] == [False] * (MOST_FAILURES - 1) + [True]


@pytest.mark.parametrize("after", [IDLE, LONGEST])
def test_a_session_ends_when_left_alone_and_however_it_is_used(house: House, after: dt.timedelta) -> None:
    alice = house.sign_in(house.person("alice", AccountRole.REGISTRY))
    begun = house.clock.at
    while after == LONGEST and house.clock.at < begun + LONGEST - IDLE:
        house.clock.at += IDLE - STEP
        assert house.get(alice, "/en").status_code == 200
    house.clock.at = begun + after
    assert house.get(alice, "/en").headers["location"] == NO_SESSION


def test_a_sign_in_ends_the_session_before_it_and_setting_it_anew_ends_all(house: House) -> None:
    alice = house.sign_in(house.person("alice", AccountRole.REGISTRY))
    former = Person(name="alice", token="", session=alice.session)
    house.clock.at += STEP
    entered = house.gateway.console.sign_in.enter("alice", PASSWORD, house.code(alice), before=alice.session)
    alice.session = entered.secret
    assert house.get(former, "/en").headers["location"] == NO_SESSION
    assert house.get(alice, "/en").status_code == 200
    house.set_up(alice)
    assert house.get(alice, "/en").headers["location"] == NO_SESSION


def test_who_is_disabled_is_out_at_once(house: House) -> None:
    alice = house.sign_in(house.person("alice", AccountRole.REGISTRY))
    for one in ("carol", "dora"):
        house.person(one, AccountRole.ADMINISTRATOR, AccountRole.APPROVER)
    house.gateway.staff.disable("alice", actor="carol", reason="left")
    assert house.get(alice, "/en").headers["location"] == NO_SESSION
    house.clock.at += STEP
    assert not enters(house, alice)


@pytest.mark.parametrize(
    "then", ["https://evil.test/console/en", "//evil.test/console/", "/exchange/en", "/console/\\x"]
)
def test_signing_in_leads_nowhere_else(house: House, then: str) -> None:
    alice = house.person("alice", AccountRole.REGISTRY)
    house.set_up(alice)
    house.clock.at += STEP
    fields = {"account": "alice", "password": PASSWORD, "code": house.code(alice), "then": then}
    assert house.browser.post("/console/en/sign-in", data=fields).headers["location"] == "/console/en"


def test_a_form_of_another_site_or_session_is_not_taken(house: House) -> None:
    alice = house.sign_in(house.person("alice", AccountRole.REGISTRY))
    headers = alice.cookie | {"Sec-Fetch-Site": "cross-site"}
    assert house.browser.post("/console/en/sign-in", data={}, headers=headers).status_code == 404
    assert house.browser.post("/console/en/sign-out", data={"form": "0" * 64}, headers=alice.cookie).status_code == 404
    assert house.get(alice, "/en").status_code == 200


def test_the_command_gives_a_link_for_an_account_that_stands(house: House) -> None:
    token = house.home.json("users", "add", "carol", "--role", "administrator", "--role", "approver")["token"]
    as_carol = {"GATEWAY_USER": "carol", "GATEWAY_TOKEN": token}
    house.home.more = as_carol
    made = house.home.json("users", "link", "carol")
    assert made["link"].startswith("http://127.0.0.1:8480/console/en/set-up?link=")
    assert house.get(None, made["link"].split("/console")[1]).status_code == 200
    assert house.home.refused("users", "link", "nobody", expect=4)["code"] == "account.unknown"
