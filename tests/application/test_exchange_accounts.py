"""Accounts of the exchange: one mailbox each, on whose word, and what follows when one is closed."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import needs_person
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.proposals import Caution
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def test_one_mailbox_opens_one_account_and_a_check_says_how(on: Exchanged) -> None:
    on.verified()
    with pytest.raises(Conflict) as raised:
        on.verified("other")
    assert raised.value.code is Code.EXCHANGE_ADDRESS_TAKEN
    with pytest.raises(InputRefused):
        on.verified("third", "no address")


def test_what_a_closed_account_did_not_collect_takes_its_next_way_or_calls_a_person_at_once(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    on.mail()
    on.accounts.close(ACCOUNT, actor="alice", reason="left the firm")
    on.clock.move(MINUTE)
    assert on.uncollected(10) == 1
    after = on.delivery(delivery.id)
    assert (needs_person(after), after.settled) == (True, False)
    mails = len(on.mailer.sent)
    on.clock.move(dt.timedelta(days=8))
    assert (on.mail(), on.uncollected(10), len(on.mailer.sent)) == (0, 0, mails)


def test_the_name_of_a_closed_account_is_never_given_again_to_whoever_it_is(on: Exchanged) -> None:
    on.verified()
    on.left()
    on.accounts.close(ACCOUNT, actor="alice", reason="left the firm")
    for address in (ADDRESS, "someone.else@gw.test"):
        with pytest.raises(Conflict) as refused:
            on.verified(ACCOUNT, address)
        assert refused.value.code is Code.EXCHANGE_ACCOUNT_CLOSED
    on.sign_in.ask("someone.else@gw.test")
    on.mail()
    assert on.mailer.sent == []


def test_who_approves_another_mailbox_of_a_known_account_is_told_to_look_twice(on: Exchanged) -> None:
    check = {"language": Language.EN, "method": "video call", "actor": "alice", "reason": "seen"}
    cautions = [
        on.accounts.verified(ACCOUNT, address=address, **check).made.change.cautions  # type: ignore[arg-type]
        for address in (ADDRESS, ADDRESS.upper(), "someone.else@gw.test")
    ]
    assert cautions == [(), (), (Caution.NEW_ADDRESS,)]
