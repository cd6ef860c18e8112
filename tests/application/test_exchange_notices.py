"""The mails of the exchange: they say nothing of the case, are repeated, and none holds up another."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application.dates.receipt_rules import patience_rules
from gateway.application.telling.mail_round import MailRound
from gateway.domain.delivery import DeliveryState
from gateway.domain.entry_note import EntryNote, LimitWords, TimeLimit
from gateway.domain.events import EventName
from gateway.domain.exchange import LINK_LIFE
from gateway.domain.exchange_patience import find_patience
from gateway.domain.failures import AttemptFailure, Misconfigured, NotSent, Refused
from gateway.domain.outcomes import Division
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.report import Finding
from gateway.ports.incoming import Handling
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged, damage
from tests.application.test_receiving import ScriptedReader

MINUTE = dt.timedelta(minutes=1)
RULE = find_patience(patience_rules(), Division.RPD)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


LIMIT = TimeLimit(
    en=LimitWords(trigger="the day on which you receive it", period="15 days to appeal", provision="IRPR 159.91(1)(a)"),
    fr=LimitWords(trigger="le jour où vous la recevez", period="15 jours pour appeler", provision="RIPR 159.91(1)a)"),
)


def test_what_runs_for_the_recipient_is_told_beside_the_papers_and_their_reference_in_the_notice(on: Exchanged) -> None:
    on.renderer.note = EntryNote(reference="2026-114", limits=(LIMIT,))
    on.verified()
    on.left()
    (left,) = on.collect.all(ACCOUNT)
    assert left.note == on.renderer.note
    assert b"159.91" not in (left.entry.note or b"")
    on.mail()
    assert "Your reference: 2026-114" in on.mailer.sent[-1].text
    assert "159" not in on.mailer.sent[-1].text


def test_a_notice_to_who_has_no_reference_speaks_of_none(on: Exchanged) -> None:
    on.verified()
    on.left()
    on.mail()
    assert "reference" not in on.mailer.sent[-1].text


def test_the_notice_says_nothing_and_is_repeated_until_collected(on: Exchanged) -> None:
    on.verified()
    on.left()
    assert on.mail() == 1
    (letter,) = on.mailer.sent
    assert letter.address == ADDRESS
    for secret in ("TC6", "12345", "RPD", "Hearings", "reject", "link="):
        assert secret not in letter.subject + letter.text
    assert on.mail() == 0
    first, again = (dt.timedelta(days=days) for days in RULE.notice_again_days)
    on.clock.move(first)
    assert on.mail() == 1
    assert (on.mailer.sent[1].subject, on.mailer.sent[1].text) == (letter.subject, letter.text)
    assert on.mailer.sent[1].id == f"{letter.id}.2", "mail systems drop a second message of the same id"
    on.collect.acknowledge(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id)
    on.clock.move(again)
    assert on.mail() == 0


def test_a_notice_that_comes_back_is_on_record_and_a_person_sees_to_it(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    on.mail()
    on.clock.move(dt.timedelta(days=RULE.notice_again_days[0]))
    on.mail()
    kept = on.keep(json.dumps([on.mailer.sent[1].id, Finding.FAILED]).encode(), source="mail")
    assert kept is not None
    on.reading(ScriptedReader())(10)
    with on.database.read() as tx:
        (came,) = tx.incoming.find(handling=Handling.FOR_PERSON, limit=5)
        receipts = tx.records.receipts_of([delivery.id])[delivery.id]
        told = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.EXCHANGE_NOTICE_RETURNED]
    assert (came.delivery, came.finding) == (delivery.id, Finding.FAILED)
    assert receipts[-1].receipt.event is ReceiptEvent.CONSIGNMENT_NOTIFICATION_FAILURE
    assert receipts[-1].receipt.evidence == kept.digest
    assert [one.facts["number"] for one in told] == [2]
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER, "the papers lie where they lay"
    assert on.collect.all(ACCOUNT)[0].entry.collect_by is not None


@pytest.mark.parametrize(
    "failure", [NotSent(reason=Reason.SMTP_CONNECT), Misconfigured(reason=Reason.SMTP_AUTHENTICATION)]
)
def test_a_mail_server_that_is_away_ends_the_round_and_all_leave_later(on: Exchanged, failure: AttemptFailure) -> None:
    on.verified()
    on.left()
    on.sign_in.ask(ADDRESS)
    on.mailer.fails = failure
    assert on.mails(10) == MailRound(done=0, stopped=failure.reason)
    on.mailer.fails = None
    assert on.mail() == 0
    on.clock.move(2 * MINUTE)
    assert (on.mail(), len(on.mailer.sent)) == (2, 2)


def test_an_address_that_refuses_holds_up_nobody_else_and_is_recorded(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    on.sign_in.ask(ADDRESS)
    on.mailer.fails = Refused(reason=Reason.SMTP_REFUSED)
    assert on.mails(10) == MailRound(done=2)
    with on.database.read() as tx:
        names = [one.name for one in tx.records.events(delivery.dispatch)]
    assert EventName.EXCHANGE_NOTICE_REFUSED in names
    assert EventName.EXCHANGE_NOTICE_SENT not in names


def test_a_notice_whose_entry_cannot_be_opened_holds_up_no_other_mail_and_staff_see_it(on: Exchanged) -> None:
    on.verified()
    on.verified("other", "other@firm.gw.test")
    delivery = on.left()
    whole = damage(on, "exchange_entries", "note")
    on.sign_in.ask("other@firm.gw.test")
    assert on.mails(10) == MailRound(done=2)
    assert [one.address for one in on.mailer.sent] == ["other@firm.gw.test"]
    on.clock.move(61 * MINUTE)
    assert on.mail() == 1, "it is tried again"
    with on.database.read() as tx:
        events = tx.records.events(delivery.dispatch)
        found = [one for one in events if one.name is EventName.EXCHANGE_MAIL_NOT_MADE]
        assert tx.exchange.untold() is not None
    assert [(one.delivery, one.facts["problem"], one.facts["kind"]) for one in found] == [
        (delivery.id, "seal.broken", "notice")
    ] * 2
    damage(on, "exchange_entries", "note", whole)
    on.clock.move(61 * MINUTE)
    assert (on.mail(), on.mailer.sent[-1].address) == (1, ADDRESS)
    with on.database.read() as tx:
        assert tx.exchange.untold() is None


def test_a_link_of_an_account_whose_address_cannot_be_opened_holds_up_no_other(on: Exchanged) -> None:
    on.verified()
    damage(on, "exchange_accounts", "address")
    on.sign_in.ask(ADDRESS)
    on.verified("other", "other@firm.gw.test")
    on.sign_in.ask("other@firm.gw.test")
    assert on.mails(10) == MailRound(done=2)
    assert [one.address for one in on.mailer.sent] == ["other@firm.gw.test"]


def test_a_link_that_nobody_waits_for_any_more_is_not_sent(on: Exchanged) -> None:
    on.verified()
    on.sign_in.ask(ADDRESS)
    on.clock.move(LINK_LIFE)
    assert (on.mail(), on.mailer.sent) == (1, [])
