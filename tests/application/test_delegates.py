"""Delegates: nobody before the Registry checked them, only for who named them, not a moment after they were ended."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.exchange.delegates import Person
from gateway.application.sealed import data_key
from gateway.domain.codes import Code
from gateway.domain.delegates import MOST_DELEGATES
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.reasons import Reason
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged

CLERK = Person(name="D. Delegate", address="clerk@firm.gw.test")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    stage.verified()
    yield stage
    stage.close()


def taken(on: Exchanged, dispatch: str) -> Event:
    """The last taking of the dispatch."""
    with on.database.read() as tx:
        return [one for one in tx.records.events(dispatch) if one.name is EventName.EXCHANGE_TAKEN][-1]


def test_who_was_named_has_no_account_before_the_registry_checked_who_they_are(on: Exchanged) -> None:
    named = on.delegates.name(ACCOUNT, CLERK)
    assert [(one.person, one.checked) for one in on.delegates.of(ACCOUNT)] == [(CLERK, False)]
    on.sign_in.ask(CLERK.address)
    assert on.mail() == 0
    checked = on.accounts.verified(
        named.name, address=None, language=Language.FR, method="video call", actor="alice", reason="seen"
    )
    assert on.signed_in(checked.code, CLERK.address).account.owner == ACCOUNT
    assert [one.checked for one in on.delegates.of(ACCOUNT)] == [True]
    assert b"Delegate" not in (on.folder / "gateway.db").read_bytes()


def test_a_delegate_collects_in_anothers_place_and_the_record_says_so(on: Exchanged) -> None:
    account = on.sign_in.who(on.delegate())
    assert account is not None
    delivery = on.left()
    (left,) = on.collect.all(account.owner)
    b"".join(on.collect.document(account.owner, left.entry.id, 0, delegate=account.delegate).parts)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    event = taken(on, delivery.dispatch)
    assert (event.facts["account"], event.facts["delegate"]) == (ACCOUNT, f"{ACCOUNT}.1")
    with on.database.read() as tx:
        receipt = tx.records.receipts_of([delivery.id])[delivery.id][-1]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert receipt.object_name is not None
    seen = json.loads(on.vault.get(key, contexts.taken(receipt.id), receipt.object_name))
    assert (seen["account"], seen["delegate"]) == (ACCOUNT, f"{ACCOUNT}.1")
    on.collect.acknowledge(ACCOUNT, left.entry.id)
    assert "delegate" not in taken(on, delivery.dispatch).facts


def test_the_notice_comes_to_the_holder_and_to_each_delegate_until_it_was_collected(on: Exchanged) -> None:
    on.delegate()
    on.left()
    before = len(on.mailer.sent)
    on.mail()
    assert {one.address for one in on.mailer.sent[before:]} == {ADDRESS, CLERK.address}


def test_who_was_ended_is_out_at_once_and_is_not_let_in_again(on: Exchanged) -> None:
    secret = on.delegate()
    name = f"{ACCOUNT}.1"
    with pytest.raises(NoSuchThing):
        on.delegates.end("other", name)
    on.delegates.end(ACCOUNT, name)
    assert on.sign_in.who(secret) is None
    on.sign_in.ask(CLERK.address)
    assert on.mail() == 0
    with pytest.raises(Conflict) as raised:
        on.verified(name, CLERK.address)
    assert raised.value.code is Code.EXCHANGE_DELEGATE_ENDED
    with pytest.raises(NoSuchThing):
        on.delegates.end(ACCOUNT, name)
    again = on.delegates.name(ACCOUNT, CLERK).name
    assert again == f"{ACCOUNT}.2", "a name is one person's for ever"
    assert on.signed_in(on.verified(again, CLERK.address), CLERK.address).account.owner == ACCOUNT


def test_with_the_holders_account_its_delegates_are_out_too(on: Exchanged) -> None:
    secret = on.delegate()
    on.accounts.close(ACCOUNT, actor="alice", reason="left the firm")
    assert on.sign_in.who(secret) is None
    assert on.delegates.all() == []


def test_a_new_check_of_the_holder_ends_whom_they_had_named(on: Exchanged) -> None:
    """Whoever it was that named them, who the holder is was asked anew: they are named and checked anew."""
    called = on.delegates.name(ACCOUNT, CLERK).name
    secret = on.signed_in(on.verified(called, CLERK.address), CLERK.address).secret
    on.verified(called, CLERK.address)
    assert [one.delegate.name for one in on.delegates.of(ACCOUNT)] == [called], "their own new check ends nobody"
    on.verified()
    assert on.delegates.of(ACCOUNT) == []
    assert on.sign_in.who(secret) is None
    with pytest.raises(Conflict, check=lambda error: error.code is Code.EXCHANGE_DELEGATE_ENDED):
        on.verified(called, CLERK.address)


def test_a_delegate_who_is_checked_later_is_told_of_what_lies_there_and_only_once(on: Exchanged) -> None:
    on.verified()
    on.left()
    on.mail()
    on.delegate(address=CLERK.address)
    assert [one.address for one in on.mailer.sent].count(CLERK.address) == 2, "the notice, and the link to sign in"
    on.verified(f"{ACCOUNT}.1", CLERK.address)
    on.mail()
    assert [one.address for one in on.mailer.sent].count(CLERK.address) == 2, "a new code is no new delegate"


def test_nothing_is_left_for_a_delegate_themselves(on: Exchanged) -> None:
    on.delegate()
    with on.database.write() as tx:
        tx.exchange.close_account(ACCOUNT, on.clock.now())
    delivery = on.left()
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, Reason.EXCHANGE_NO_ACCOUNT)


@pytest.mark.parametrize(
    "person",
    [
        Person(name=" ", address="a@firm.gw.test"),
        Person(name="x" * 101, address="a@firm.gw.test"),
        Person(name="A\x1b[2J", address="a@firm.gw.test"),
        Person(name="A", address="no address"),
        Person(name="A", address="a@x.test, b@y.test"),
    ],
)
def test_who_is_no_person_with_an_address_is_not_named(on: Exchanged, person: Person) -> None:
    with pytest.raises(InputRefused):
        on.delegates.name(ACCOUNT, person)
    assert on.delegates.of(ACCOUNT) == []


def test_an_account_has_so_many_delegates_and_no_more(on: Exchanged) -> None:
    for _ in range(MOST_DELEGATES):
        on.delegates.name(ACCOUNT, CLERK)
    with pytest.raises(InputRefused):
        on.delegates.name(ACCOUNT, CLERK)


def test_a_delegates_name_is_never_one_that_an_account_has(on: Exchanged) -> None:
    on.verified(f"{ACCOUNT}.1", "somebody@gw.test")
    assert on.delegates.name(ACCOUNT, CLERK).name == f"{ACCOUNT}.2"
