"""Passkeys of staff, and what an account signs in by: changed by who just signed in, and the last way never removed."""

import copy
import html
from dataclasses import replace

import httpx
import pytest

from gateway.domain.accounts import AccountRole
from gateway.domain.codes import Code
from gateway.domain.console import FRESH, LONGEST_NAME
from gateway.domain.events import EventName
from gateway.domain.officers_word import SignInMeans
from gateway.domain.passkeys import CHALLENGE_LIFE
from gateway.domain.problem import NotAuthenticated, Problem
from gateway.domain.signing_in import MOST_FAILURES
from tests.application.authenticator import Authenticator
from tests.web.console.house import NAMED, STEP, House, Person

HOST = NAMED.removeprefix("https://")


def authenticator(**how: bool) -> Authenticator:
    return Authenticator(origin=NAMED, host=HOST, **how)  # type: ignore[arg-type]


def signed_in(house: House, name: str = "alice") -> Person:
    return house.sign_in(house.person(name, AccountRole.REGISTRY))


def added(house: House, person: Person, key: Authenticator | None = None, name: str = "laptop") -> Authenticator:
    """A passkey of theirs."""
    key, passkeys = key or authenticator(), house.gateway.console.passkeys
    assert passkeys is not None
    asked = passkeys.to_register(person.name)
    passkeys.register(person.name, person.session, ticket=asked.ticket, answer=key.create(asked.options), name=name)
    return key


def entered(house: House, key: Authenticator) -> Person | None:
    """Whom it signs in."""
    passkeys = house.gateway.console.passkeys
    assert passkeys is not None
    asked = passkeys.to_sign_in()
    try:
        found = passkeys.enter(asked.ticket, key.get(asked.options))
    except NotAuthenticated:
        return None
    return Person(name=found.account.name, token="", session=found.secret)


def refused(house: House, person: Person, key: Authenticator, **how: str) -> Code:
    """Why it is not added."""
    with pytest.raises(Problem) as why:
        added(house, person, key, **how)
    assert house.gateway.console.sign_in_ways.of(person.name).passkeys == []
    return why.value.code


def events(house: House, name: EventName) -> int:
    with house.gateway.database.read() as tx:
        return len(tx.records.events_besides(name))


def test_a_passkey_signs_in_alone_and_the_word_of_who_did_says_so(named: House) -> None:
    alice = signed_in(named)
    key = added(named, alice)
    again = entered(named, key)
    assert again is not None
    assert again.name == "alice"
    assert named.get(again, "/en").status_code == 200
    sign_in = named.gateway.console.sign_in
    word = sign_in.word_of(sign_in.who(again.session), again.session)
    assert word.signed_in_with is SignInMeans.PASSKEY
    page = named.get(again, "/en/my-sign-in")
    assert all(one in page.text for one in ("laptop", "Last used on", "Take password and codes away"))


def test_it_is_not_stopped_by_who_mistypes_the_password_and_answers_each_challenge_once(named: House) -> None:
    alice = signed_in(named)
    key, passkeys = added(named, alice), named.gateway.console.passkeys
    for _ in range(MOST_FAILURES):
        with pytest.raises(NotAuthenticated):
            named.gateway.console.sign_in.enter("alice", "wrong", "000000")
    assert passkeys is not None
    asked = passkeys.to_sign_in()
    answer = key.get(asked.options)
    passkeys.enter(asked.ticket, answer)
    late = passkeys.to_sign_in()
    late_answer = key.get(late.options)
    named.clock.at += CHALLENGE_LIFE
    for ticket, told in ((asked.ticket, answer), (late.ticket, late_answer), ("", answer), (asked.ticket, "{}")):
        with pytest.raises(NotAuthenticated):
            passkeys.enter(ticket, told)


@pytest.mark.parametrize(
    "key",
    [
        Authenticator(origin="https://evil.test", host=HOST),
        Authenticator(origin=NAMED, host="evil.test"),
        authenticator(verifies=False),
    ],
    ids=["another origin", "another host", "nobody verified"],
)
def test_an_authenticator_of_elsewhere_or_that_verified_nobody_adds_and_opens_nothing(
    named: House, key: Authenticator
) -> None:
    alice = signed_in(named)
    assert refused(named, alice, key) is Code.SIGN_IN_PASSKEY_REFUSED
    good = added(named, alice)
    bad = replace(key, id=good.id, key=good.key)
    assert entered(named, bad) is None
    assert entered(named, good) is not None


def test_a_copy_shuts_the_passkey_off_and_who_is_disabled_opens_nothing(named: House) -> None:
    alice, bob = signed_in(named), signed_in(named, "bob")
    key, bobs = added(named, alice), added(named, bob)
    copied = copy.copy(key)
    assert entered(named, key) is not None
    assert entered(named, copied) is None
    key.count += 5
    assert entered(named, key) is None
    assert events(named, EventName.CONSOLE_PASSKEY_DOUBTED) == 1
    for one in ("carol", "dora"):
        named.person(one, AccountRole.ADMINISTRATOR, AccountRole.APPROVER)
    named.gateway.staff.disable("bob", actor="carol", reason="left")
    assert entered(named, bobs) is None


def test_only_who_just_signed_in_adds_one_and_gives_it_a_name(named: House) -> None:
    alice, key = signed_in(named), authenticator()
    assert refused(named, alice, key, name=" ") is Code.REQUEST_INVALID
    assert refused(named, alice, key, name="x" * (LONGEST_NAME + 1)) is Code.REQUEST_INVALID
    assert refused(named, Person(name="alice", token="", session="no session"), key) is Code.SIGN_IN_ENDED
    for _ in range(2):
        named.clock.at += FRESH / 2
        assert named.get(alice, "/en").status_code == 200
    assert refused(named, alice, key) is Code.SIGN_IN_NOT_FRESH
    stale = named.get(alice, "/en/my-sign-in")
    assert ("sign in again" in stale.text, "data-passkey" in stale.text) == (True, False)


def test_the_last_way_to_sign_in_is_never_taken_away_and_each_change_ends_the_other_sessions(named: House) -> None:
    alice = signed_in(named)
    only = named.post(alice, "/en/my-sign-in/password/removal")
    assert (only.status_code, "last way" in only.text) == (409, True)
    first = added(named, alice)
    elsewhere = entered(named, first)
    assert elsewhere is not None
    named.clock.at += STEP  # the oldest stands first
    second = added(named, alice, name="key ring")
    assert named.get(elsewhere, "/en").status_code == 303
    assert named.post(alice, "/en/my-sign-in/password/removal").status_code == 303
    assert "No password signs you in" in named.get(alice, "/en/my-sign-in").text
    ids = [one.id for one in named.gateway.console.sign_in_ways.of("alice").passkeys]
    bob = signed_in(named, "bob")
    assert named.post(bob, f"/en/my-sign-in/passkeys/{ids[0]}/removal").status_code == 404
    assert named.post(alice, f"/fr/my-sign-in/passkeys/{ids[0]}/removal").status_code == 303
    assert named.post(alice, f"/fr/my-sign-in/passkeys/{ids[1]}/removal").status_code == 409
    assert (entered(named, first), entered(named, second) is not None) == (None, True)


def test_a_new_account_sets_a_passkey_by_link_and_token_and_needs_no_password(named: House) -> None:
    carol, other = (named.person(one, AccountRole.REGISTRY) for one in ("carol", "dora"))
    link, key = named.gateway.console.set_up.link("carol", actor="erin"), authenticator()
    ways = named.gateway.console.sign_in_ways

    def sends(device: Authenticator = key, token: str = carol.token, name: str = "laptop") -> httpx.Response:
        page = named.get(None, f"/en/set-up?link={link}")
        ticket = page.headers["set-cookie"].partition("=")[2].partition(";")[0]
        asked = html.unescape(page.text.partition('data-asked="')[2].partition('"')[0])
        fields = {"link": link, "token": token, "name": name, "answer": device.create(asked)}
        return named.post(replace(carol, ticket=ticket), "/en/set-up/passkey", fields)

    for wrong, where in (
        (sends(token=other.token), 'id="passkey-token-wrong"'),
        (sends(name=" "), 'id="passkey-name-wrong"'),
        (sends(authenticator(verifies=False)), "did not hold"),
    ):
        assert (wrong.status_code, where in wrong.text) == (422, True), where
        assert ways.of("carol").count == 0
    done = sends()
    assert done.headers["location"] == "/console/en/sign-in?done=set-passkey"
    assert (ways.of("carol").password_set_at, [one.name for one in ways.of("carol").passkeys]) == (None, ["laptop"])
    assert events(named, EventName.CONSOLE_SIGN_IN_SET) == 1
    signed = entered(named, key)
    assert signed is not None
    assert named.get(signed, "/en").status_code == 200
    assert named.get(None, f"/en/set-up?link={link}").status_code == 404, "it is good once"


def test_a_custodian_resets_a_sign_in_and_nothing_opens_the_account_before_it_is_set_anew(named: House) -> None:
    alice = signed_in(named)
    key, link = added(named, alice), named.gateway.console.set_up.link("alice", actor="carol")
    named.gateway.console.sign_in_ways.reset("alice", actor="carol", reason="the bag was stolen")
    assert entered(named, key) is None
    assert named.get(alice, "/en").status_code == 303
    assert named.get(None, f"/en/set-up?link={link}").status_code == 404
    assert named.gateway.console.sign_in_ways.of("alice").count == 0
    named.sign_in(Person(name="alice", token=alice.token))
    with pytest.raises(Problem) as reasonless:
        named.gateway.console.sign_in_ways.reset("alice", actor="carol", reason=" ")
    assert reasonless.value.code is Code.REQUEST_INVALID


def test_an_address_of_numbers_has_no_passkeys(house: House) -> None:
    assert house.gateway.console.passkeys is None
    alice = signed_in(house)
    assert "passkey" not in house.get(None, "/en/sign-in").text
    assert "data-passkey" not in house.get(alice, "/en/my-sign-in").text
    assert house.post(None, "/en/sign-in/passkey").status_code == 404
