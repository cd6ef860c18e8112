"""Who signs in to the exchange, by a link and a code, and for how long; nobody learns who else may."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application.exchange import sign_in
from gateway.domain.exchange import LINK_LIFE, LINKS_PER_HOUR
from gateway.domain.problem import NoSuchThing
from gateway.domain.signing_in import IDLE, LOCKED_FOR, LONGEST, MOST_FAILURES
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def test_signing_in_takes_the_link_and_the_code_and_the_link_once(on: Exchanged) -> None:
    code = on.verified()
    link = on.link()
    assert on.sign_in.enter(link, "ABCD-EFGH-JKLM") is None
    assert on.sign_in.enter("x" * 43, code) is None
    signed_in = on.sign_in.enter(link, f" {code.lower()} ".replace("-", ""))
    assert signed_in is not None
    known = on.sign_in.who(signed_in.secret)
    assert known is not None
    assert known.name == ACCOUNT
    assert on.sign_in.enter(link, code) is None
    on.sign_in.leave(signed_in.secret)
    assert on.sign_in.who(signed_in.secret) is None


def test_a_link_that_is_too_old_opens_nothing(on: Exchanged) -> None:
    code = on.verified()
    link = on.link()
    on.clock.move(LINK_LIFE)
    assert on.sign_in.enter(link, code) is None


def test_wrong_codes_lock_the_account_for_a_while_and_the_right_one_too(on: Exchanged) -> None:
    code = on.verified()
    link = on.link()
    for _ in range(MOST_FAILURES):
        assert on.sign_in.enter(link, "wrong") is None
    assert on.sign_in.enter(link, code) is None
    mails = len(on.mailer.sent)
    on.sign_in.ask(ADDRESS)
    assert (on.mail(), len(on.mailer.sent)) == (0, mails)
    on.clock.move(LOCKED_FOR)
    assert on.signed_in(code).account.failures == 0


def test_a_session_ends_when_left_alone_and_at_last_however_it_is_used(on: Exchanged) -> None:
    secret = on.signed_in(on.verified()).secret
    on.clock.move(IDLE - MINUTE)
    assert on.sign_in.who(secret)
    for _ in range(int(LONGEST / (IDLE - MINUTE)) - 1):
        on.clock.move(IDLE - MINUTE)
        assert on.sign_in.who(secret)
    on.clock.move(IDLE - MINUTE)
    assert on.sign_in.who(secret) is None


def test_a_new_check_or_a_closed_account_signs_everybody_out(on: Exchanged) -> None:
    old = on.verified()
    secret = on.signed_in(old).secret
    on.clock.move(MINUTE)
    new = on.verified()
    assert on.sign_in.who(secret) is None
    link = on.link()
    assert on.sign_in.enter(link, old) is None
    signed_in = on.sign_in.enter(link, new)
    assert signed_in is not None
    on.accounts.close(ACCOUNT, actor="alice", reason="left the firm")
    assert on.sign_in.who(signed_in.secret) is None
    with pytest.raises(NoSuchThing):
        on.accounts.close(ACCOUNT, actor="alice", reason="again")


def test_nobody_learns_who_has_an_account_and_nobody_is_flooded(on: Exchanged) -> None:
    on.verified()
    on.sign_in.ask("stranger@gw.test")
    assert on.mail() == 0
    for _ in range(LINKS_PER_HOUR + 3):
        on.sign_in.ask(ADDRESS.upper())
    assert on.mail() == LINKS_PER_HOUR


def test_who_has_no_link_or_whose_account_rests_costs_no_slow_hash(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = on.verified()
    hashed: list[str] = []
    on.signed_in(code)
    used = on.mailer.sent[-1].text.partition("link=")[2].split()[0]

    def wrong(given: str, _: str) -> bool:
        hashed.append(given)
        return False

    monkeypatch.setattr(sign_in, "is_code", wrong)
    assert on.sign_in.enter("x" * 43, code) is None
    assert on.sign_in.enter(used, code) is None
    assert hashed == []
    link = on.link()
    for _ in range(MOST_FAILURES + 3):
        assert on.sign_in.enter(link, "2222-2222-2222") is None
    assert len(hashed) == MOST_FAILURES
