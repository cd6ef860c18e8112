"""Consent to electronic delivery, given and revoked in the exchange: what waits, what is planned, what is recorded."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application.exchange.consents import SaidByRecipients
from gateway.application.exchange.secrets import digest
from gateway.domain.account_consent import AccountConsent, as_said
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import Event, EventName
from gateway.domain.parties import Electronic
from gateway.domain.reasons import Reason
from tests.application.exchanged import ACCOUNT, Exchanged

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
GIVEN = AccountConsent(account=ACCOUNT, accepts=True, at=NOON)
REVOKED = AccountConsent(account=ACCOUNT, accepts=False, at=NOON)
WITHDREW = Electronic(accepts=False, withdrawn_at=NOON - DAY)
ACCEPTS = Electronic(accepts=True, consent=NOON.date() - DAY)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    stage.verified()
    yield stage
    stage.close()


def told(on: Exchanged, name: EventName) -> list[Event]:
    with on.database.read() as tx:
        return list(tx.records.events_besides(name))


@pytest.mark.parametrize(
    ("stands", "said", "as_of", "now"),
    [
        (ACCEPTS, None, NOON, ACCEPTS),
        (None, REVOKED, NOON - DAY, Electronic(accepts=False, withdrawn_at=NOON)),
        (ACCEPTS, REVOKED, NOON + DAY, Electronic(accepts=False, withdrawn_at=NOON)),
        (Electronic(accepts=True), REVOKED, NOON + DAY, Electronic(accepts=False, withdrawn_at=NOON)),
        (Electronic(accepts=True, consent=NOON.date() + DAY), REVOKED, NOON, "as it stands"),
        (None, GIVEN, NOON, Electronic(accepts=True, consent=NOON.date())),
        (Electronic(accepts=False), GIVEN, NOON - DAY, Electronic(accepts=True, consent=NOON.date())),
        (Electronic(accepts=False), GIVEN, NOON + DAY, "as it stands"),
        (
            Electronic(accepts=False, withdrawn_at=NOON - DAY),
            GIVEN,
            NOON + DAY,
            Electronic(accepts=True, consent=NOON.date()),
        ),
        (Electronic(accepts=False, withdrawn_at=NOON + DAY), GIVEN, NOON - DAY, "as it stands"),
    ],
)
def test_the_newer_word_counts(
    stands: Electronic | None, said: AccountConsent | None, as_of: dt.datetime, now: Electronic | str
) -> None:
    assert as_said(stands, said, as_of=as_of) == (stands if now == "as it stands" else now)


def test_a_revocation_plans_what_waits_anew_and_nothing_is_left(on: Exchanged) -> None:
    waiting = on.to_leave()
    assert waiting.state is DeliveryState.READY
    assert on.consents.say(ACCOUNT, accepts=False) == 1
    on.clock.move(dt.timedelta(seconds=1))
    for claimed in on.steps.claim(Step.PLAN, 10):
        on.plan(claimed)
    after = on.delivery(waiting.id)
    assert (after.state, after.channel) != (DeliveryState.READY, "secure-upload")
    on.deliver()
    assert on.collect.all(ACCOUNT) == []
    (event,) = told(on, EventName.EXCHANGE_CONSENT_REVOKED)
    assert (event.actor, event.at, event.facts) == ("exchange", event.at, {"account": ACCOUNT, "by": "exchange"})


@pytest.mark.parametrize("reason", [Reason.ELECTRONIC_NOT_ACCEPTED, Reason.RECIPIENT_AMBIGUOUS])
def test_consent_sets_going_what_waited_for_want_of_it_and_nothing_else(on: Exchanged, reason: Reason) -> None:
    waiting = on.to_leave()
    with on.database.write() as tx:
        stopped = replace(waiting, state=DeliveryState.NEEDS_PERSON, reason=reason, next_action_at=None)
        tx.deliveries.save(stopped)
    goes = reason is Reason.ELECTRONIC_NOT_ACCEPTED
    assert on.consents.say(ACCOUNT, accepts=True) == goes
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            work(claimed)
    on.deliver()
    after = on.delivery(waiting.id)
    assert after.state is (DeliveryState.HANDED_OVER if goes else DeliveryState.NEEDS_PERSON)
    assert len(on.collect.all(ACCOUNT)) == goes


def test_a_revocation_that_was_not_heeded_yet_is_found_at_sending(on: Exchanged) -> None:
    waiting = on.to_leave()
    with on.database.write() as tx:
        tx.consents.add(AccountConsent(account=ACCOUNT, accepts=False, at=on.clock.now()))
    on.deliver()
    assert on.delivery(waiting.id).reason is Reason.CONSENT_WITHDRAWN
    assert on.collect.all(ACCOUNT) == []


def test_the_same_word_again_is_recorded_once_and_told_once(on: Exchanged) -> None:
    on.mail()
    before = len(on.mailer.sent)
    for accepts in (False, False, True, True):
        on.consents.say(ACCOUNT, accepts=accepts)
    on.mail()
    assert len(told(on, EventName.EXCHANGE_CONSENT_REVOKED)) == len(told(on, EventName.EXCHANGE_CONSENT_GIVEN)) == 1
    mails = on.mailer.sent[before:]
    assert [one.subject for one in mails] == [
        "You revoked electronic delivery in the Registry's exchange",
        "You accepted electronic delivery in the Registry's exchange",
    ]
    assert not any("link=" in one.text or ACCOUNT in one.text for one in mails)
    last = on.consents.of(ACCOUNT)
    assert last is not None
    assert last.accepts


def test_who_said_nothing_is_planned_as_their_packages_say(on: Exchanged) -> None:
    assert on.consents.of(ACCOUNT) is None
    on.left()
    assert len(on.collect.all(ACCOUNT)) == 1


def test_spent_links_and_sessions_are_removed_and_what_holds_stays(on: Exchanged) -> None:
    code = on.verified()
    old = on.signed_in(code).secret
    on.clock.move(dt.timedelta(days=2))
    fresh = on.signed_in(code).secret
    on.spent.run_if_due()
    assert on.sign_in.who(fresh) is not None
    assert on.sign_in.who(old) is None
    with on.database.read() as tx:
        kept = [tx.exchange.session(digest(one)) is not None for one in (old, fresh)]
    assert kept == [False, True]


def test_the_word_of_whoever_had_an_account_ends_with_it(on: Exchanged) -> None:
    on.verified()
    on.to_leave()
    on.consents.say(ACCOUNT, accepts=True)
    said = SaidByRecipients(database=on.database, directory=on.directory)
    recipient = on.directory.all()[0].id
    assert said(recipient) is not None
    on.accounts.close(ACCOUNT, actor="alice", reason="left the firm")
    assert said(recipient) is None
