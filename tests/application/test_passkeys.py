"""Passkeys: added by who is signed in, good for their account alone, once for each challenge, and never as a copy."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.passkeys import CHALLENGE_LIFE, MOST_PASSKEYS
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.domain.signing_in import LOCKED_FOR, MOST_FAILURES
from tests.application.authenticator import Authenticator
from tests.application.exchanged import ACCOUNT, NAMED_URL, Exchanged

HOST = urlsplit(NAMED_URL).hostname or ""
ORIGIN = f"https://{HOST}"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    stage.verified()
    yield stage
    stage.close()


def added(on: Exchanged, authenticator: Authenticator | None = None) -> Authenticator:
    """A passkey of the account."""
    passkey = authenticator or Authenticator(origin=ORIGIN, host=HOST)
    asked = on.passkeys.to_register(ACCOUNT)
    on.passkeys.register(ACCOUNT, asked.ticket, passkey.create(asked.options))
    return passkey


def entered(on: Exchanged, passkey: Authenticator) -> bool:
    """Whether it signs somebody in."""
    asked = on.passkeys.to_sign_in()
    return on.passkeys.enter(asked.ticket, passkey.get(asked.options)) is not None


def events(on: Exchanged, name: EventName) -> list[Event]:
    """What the house's own chain holds of that name."""
    with on.database.read() as tx:
        return [one.event for one in tx.ledger.entries() if one.event is not None and one.event.name is name]


def refused(on: Exchanged, ticket: str, answer: str) -> None:
    with pytest.raises(InputRefused) as raised:
        on.passkeys.register(ACCOUNT, ticket, answer)
    assert raised.value.code is Code.EXCHANGE_PASSKEY_REFUSED
    assert on.passkeys.all(ACCOUNT) == []


@pytest.mark.parametrize("counts", [True, False])
def test_who_added_a_passkey_signs_in_by_it_as_often_as_they_like(on: Exchanged, counts: bool) -> None:
    passkey = added(on, Authenticator(origin=ORIGIN, host=HOST, counts=counts))
    for _ in range(3):
        asked = on.passkeys.to_sign_in()
        signed_in = on.passkeys.enter(asked.ticket, passkey.get(asked.options))
        assert signed_in is not None
        who = on.sign_in.who(signed_in.secret)
        assert who is not None
        assert who.name == ACCOUNT
    (one,) = on.passkeys.all(ACCOUNT)
    assert (one.sign_count, one.used_at) == (3 * counts, on.clock.now())
    assert [one.facts["by"] for one in events(on, EventName.EXCHANGE_SIGNED_IN)] == ["passkey"] * 3


def test_a_challenge_is_good_once_and_not_for_long(on: Exchanged) -> None:
    passkey = added(on)
    asked = on.passkeys.to_sign_in()
    answer = passkey.get(asked.options)
    assert on.passkeys.enter(asked.ticket, answer)
    assert on.passkeys.enter(asked.ticket, answer) is None
    assert on.passkeys.enter(asked.ticket, passkey.get(asked.options)) is None
    late = on.passkeys.to_sign_in()
    on.clock.move(CHALLENGE_LIFE)
    assert on.passkeys.enter(late.ticket, passkey.get(late.options)) is None
    assert entered(on, passkey)


def test_a_challenge_for_adding_adds_once_and_signs_nobody_in(on: Exchanged) -> None:
    passkey = added(on)
    asked = on.passkeys.to_register(ACCOUNT)
    assert on.passkeys.enter(asked.ticket, passkey.get(asked.options)) is None
    others = on.passkeys.to_register("other")
    with pytest.raises(InputRefused):
        on.passkeys.register(ACCOUNT, others.ticket, Authenticator(ORIGIN, HOST).create(others.options))
    answer = Authenticator(ORIGIN, HOST).create(asked.options)
    on.passkeys.register(ACCOUNT, asked.ticket, answer)
    with pytest.raises(InputRefused):
        on.passkeys.register(ACCOUNT, asked.ticket, Authenticator(ORIGIN, HOST).create(asked.options))
    assert len(on.passkeys.all(ACCOUNT)) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"origin": "https://exchange.evil.test"},
        {"origin": ORIGIN.replace("https", "http")},
        {"host": "evil.test"},
        {"verifies": False},
    ],
)
def test_another_origin_another_host_and_an_unverified_user_are_refused(on: Exchanged, other: dict[str, str]) -> None:
    wrong = replace(Authenticator(origin=ORIGIN, host=HOST), **other)  # type: ignore[arg-type]
    asked = on.passkeys.to_register(ACCOUNT)
    refused(on, asked.ticket, wrong.create(asked.options))
    right = added(on)
    assert not entered(on, replace(right, **other))  # type: ignore[arg-type]
    assert entered(on, right)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "é", '{"id": 1}', '{"id": "AA"}', "{" * 3000])
def test_what_is_no_answer_is_refused_as_calmly(on: Exchanged, answer: str) -> None:
    assert on.passkeys.enter(on.passkeys.to_sign_in().ticket, answer) is None
    refused(on, on.passkeys.to_register(ACCOUNT).ticket, answer)


@pytest.mark.parametrize("ticket", ["", "x", "é", "AAAA", "A" * 400])
def test_a_ticket_that_is_not_ours_opens_nothing(on: Exchanged, ticket: str) -> None:
    passkey = added(on)
    assert on.passkeys.enter(ticket, passkey.get(on.passkeys.to_sign_in().options)) is None


def test_a_copied_passkey_signs_nobody_in_any_more_whichever_of_them_comes_second(on: Exchanged) -> None:
    original = added(on)
    stolen = copy.copy(original)
    assert entered(on, original)
    assert not entered(on, stolen)
    assert not entered(on, original)
    assert on.passkeys.all(ACCOUNT) == []
    assert len(events(on, EventName.EXCHANGE_PASSKEY_DOUBTED)) == 1


def test_signatures_that_do_not_hold_make_the_account_rest_as_wrong_codes_do(on: Exchanged) -> None:
    passkey = added(on)
    forged = replace(Authenticator(origin=ORIGIN, host=HOST), id=passkey.id)
    for _ in range(MOST_FAILURES):
        assert not entered(on, forged)
    assert not entered(on, passkey)
    on.clock.move(LOCKED_FOR)
    assert entered(on, passkey)


def test_an_unknown_passkey_locks_nobody(on: Exchanged) -> None:
    passkey = added(on)
    for _ in range(MOST_FAILURES + 1):
        assert not entered(on, Authenticator(origin=ORIGIN, host=HOST))
    assert entered(on, passkey)


def test_a_removed_passkey_signs_nobody_in_and_only_its_owner_removes_it(on: Exchanged) -> None:
    passkey = added(on)
    (one,) = on.passkeys.all(ACCOUNT)
    with pytest.raises(NoSuchThing):
        on.passkeys.remove("other", one.id)
    on.passkeys.remove(ACCOUNT, one.id)
    assert not entered(on, passkey)
    for gone in (one.id, "unknown"):
        with pytest.raises(NoSuchThing):
            on.passkeys.remove(ACCOUNT, gone)


def test_a_new_identity_check_and_a_closed_account_leave_no_passkey_good(on: Exchanged) -> None:
    before = added(on)
    on.verified()
    assert not entered(on, before)
    after = added(on)
    on.accounts.close(ACCOUNT, actor="alice", reason="left the firm")
    assert not entered(on, after)


def test_an_account_has_so_many_passkeys_and_no_more_and_none_twice(on: Exchanged) -> None:
    first = added(on)
    asked = on.passkeys.to_register(ACCOUNT)
    with pytest.raises(InputRefused):
        on.passkeys.register(ACCOUNT, asked.ticket, first.create(asked.options))
    for _ in range(MOST_PASSKEYS - 1):
        added(on)
    with pytest.raises(InputRefused):
        added(on)
    assert len(on.passkeys.all(ACCOUNT)) == MOST_PASSKEYS


def test_the_mailbox_is_told_of_each_change_without_names_and_without_a_link_that_signs_in(on: Exchanged) -> None:
    on.mail()
    before = len(on.mailer.sent)
    added(on)
    (passkey,) = on.passkeys.all(ACCOUNT)
    on.passkeys.remove(ACCOUNT, passkey.id)
    copied = added(on, Authenticator(origin=ORIGIN, host=HOST))
    assert entered(on, copied)
    copied.count -= 1
    assert not entered(on, copied)
    on.mail()
    mails = on.mailer.sent[before:]
    assert [one.subject.split(" in the")[0] for one in mails] == [
        "A passkey was added to your account",
        "A passkey was removed from your account",
        "A passkey was added to your account",
        "A passkey of your account",
    ]
    assert not any(secret in one.text for one in mails for secret in ("link=", ACCOUNT, passkey.id))
    on.mail()
    assert len(on.mailer.sent) == before + 4, "each is told once"
