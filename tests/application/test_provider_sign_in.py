"""Signing in by a provider: only who was linked at the identity check, once, and by the exchange's other rules."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application.exchange.provider import NotLinked
from gateway.application.exchange.sign_in import SignedIn
from gateway.application.people.at_provider import ToProvider
from gateway.domain.codes import Code
from gateway.domain.events import EventName
from gateway.domain.identity import ASKED_LIFE
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict, InputRefused, ServiceDown
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged

ME, OTHER = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF", "AAAA-BBBB-CCCC-DDDD-EEEE-GGGG"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    link(stage, ACCOUNT, ADDRESS, ME)
    yield stage
    stage.close()


def link(on: Exchanged, name: str, address: str, identity: str | None) -> None:
    on.accounts.verified(
        name,
        address=address,
        language=Language.EN,
        method="video call",
        actor="alice",
        reason="seen",
        identity=identity,
    )


def come_back(on: Exchanged, asked: ToProvider, *, as_who: str = ME, state: str | None = None) -> SignedIn | NotLinked:
    """The browser returns from the provider, where somebody signed in."""
    on.idp.who = as_who
    told = on.idp.asked[-1].state if state is None else state
    return on.by_provider.enter("en", ticket=asked.ticket, state=told, code="a-code")


def refused(on: Exchanged, asked: ToProvider, **how: str) -> None:
    with pytest.raises(InputRefused) as raised:
        come_back(on, asked, **how)
    assert raised.value.code is Code.PROVIDER_REFUSED


def test_who_was_linked_at_the_identity_check_is_signed_in(on: Exchanged) -> None:
    signed_in = come_back(on, on.by_provider.ask("en"))
    assert isinstance(signed_in, SignedIn)
    who = on.sign_in.who(signed_in.secret)
    assert who is not None
    assert who.name == ACCOUNT
    with on.database.read() as tx:
        (event,) = tx.records.events_besides(EventName.EXCHANGE_SIGNED_IN)
    assert event.facts["by"] == "provider"


def test_who_was_not_linked_is_told_what_the_registry_needs_and_opens_nothing(on: Exchanged) -> None:
    assert come_back(on, on.by_provider.ask("en"), as_who=OTHER) == NotLinked(identity=OTHER)
    with on.database.read() as tx:
        assert tx.records.events_besides(EventName.EXCHANGE_SIGNED_IN) == []


def test_an_answer_is_good_once(on: Exchanged) -> None:
    asked = on.by_provider.ask("en")
    come_back(on, asked)
    refused(on, asked)


def test_an_answer_to_another_question_or_to_none_is_refused(on: Exchanged) -> None:
    first = on.by_provider.ask("en")
    state = on.idp.asked[-1].state
    second = on.by_provider.ask("en")
    refused(on, second, state=state)
    refused(on, first, state="")
    refused(on, ToProvider(address="", ticket=""), state=state)
    refused(on, ToProvider(address="", ticket=on.passkeys.to_sign_in().ticket), state=state)
    with pytest.raises(InputRefused):
        on.by_provider.enter("en", ticket=first.ticket, state=state, code="")


def test_an_answer_that_comes_too_late_is_refused(on: Exchanged) -> None:
    asked = on.by_provider.ask("en")
    on.clock.move(ASKED_LIFE)
    refused(on, asked)


def test_what_the_provider_does_not_vouch_for_opens_nothing_and_may_be_asked_anew(on: Exchanged) -> None:
    on.idp.fails = InputRefused(Code.PROVIDER_REFUSED)
    refused(on, on.by_provider.ask("en"))
    on.idp.fails = ServiceDown(Code.PROVIDER_UNAVAILABLE)
    asked = on.by_provider.ask("en")
    with pytest.raises(ServiceDown):
        come_back(on, asked)
    on.idp.fails = None
    assert isinstance(come_back(on, on.by_provider.ask("en")), SignedIn)


def test_a_new_identity_check_without_it_and_a_closed_account_end_the_link(on: Exchanged) -> None:
    link(on, ACCOUNT, ADDRESS, None)
    assert isinstance(come_back(on, on.by_provider.ask("en")), NotLinked)
    link(on, ACCOUNT, ADDRESS, ME)
    assert isinstance(come_back(on, on.by_provider.ask("en")), SignedIn)
    on.accounts.close(ACCOUNT, actor="alice", reason="left the firm")
    assert isinstance(come_back(on, on.by_provider.ask("en")), NotLinked)


def test_an_account_that_rests_is_not_opened_by_the_provider_either(on: Exchanged) -> None:
    link_secret = on.link()
    for _ in range(5):
        on.sign_in.enter(link_secret, "2222-2222-2222")
    refused(on, on.by_provider.ask("en"))
    on.clock.move(dt.timedelta(hours=1))
    assert isinstance(come_back(on, on.by_provider.ask("en")), SignedIn)


def test_an_identity_is_one_accounts_and_has_its_form(on: Exchanged) -> None:
    with pytest.raises(Conflict) as taken:
        link(on, "other", "other@gw.test", ME)
    assert taken.value.code is Code.EXCHANGE_IDENTITY_TAKEN
    with pytest.raises(InputRefused):
        link(on, "other", "other@gw.test", "hearings@cbsa.gw.test")
