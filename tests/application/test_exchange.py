"""The exchange: left once, sealed, collected by who was checked and nobody else, and proved."""

import asyncio
import datetime as dt
import io
import json
import sqlite3
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.dates.receipt_rules import closing_rules, patience_rules
from gateway.application.exchange import leave, sign_in
from gateway.application.retention.outlived_keys import OutlivedKeys
from gateway.application.sealed import data_key
from gateway.application.telling.mail_round import MailRound
from gateway.domain.closing import find_closing
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState, needs_person
from gateway.domain.digest import sha256
from gateway.domain.entry_note import EntryNote, LimitWords, TimeLimit
from gateway.domain.events import EventName
from gateway.domain.exchange import LINK_LIFE, LINKS_PER_HOUR
from gateway.domain.exchange_patience import find_patience
from gateway.domain.failures import AttemptFailure, Misconfigured, NotSent, Refused
from gateway.domain.outcomes import Division
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.proposals import Caution
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.report import Finding
from gateway.domain.retention import FLOOR_YEARS
from gateway.domain.signing_in import IDLE, LOCKED_FOR, LONGEST, MOST_FAILURES
from gateway.ports.exchange import PaperToLeave
from gateway.ports.incoming import Handling
from gateway.ports.papers import RenderedPapers
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged
from tests.application.test_receiving import ScriptedReader

MINUTE = dt.timedelta(minutes=1)
RULE = find_patience(patience_rules(), Division.RPD)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def test_papers_are_left_and_the_handover_says_no_more_than_that(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    assert delivery.state is DeliveryState.HANDED_OVER
    with on.database.read() as tx:
        (receipt,) = tx.records.receipts_of([delivery.id])[delivery.id]
        (record,) = tx.records.documents(delivery.id)[1:]
    assert (receipt.receipt.event, receipt.receipt.source) == (ReceiptEvent.CONTENT_CONSIGNMENT, "exchange")
    (left,) = on.collect.all(ACCOUNT)
    assert left.conversation.files == ("TC6-12345",)
    assert [(one.digest, one.name) for one in left.entry.documents] == [(record.digest, record.name)]


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


def test_nothing_is_left_for_who_has_no_account(on: Exchanged) -> None:
    delivery = on.left()
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, Reason.EXCHANGE_NO_ACCOUNT)


def test_the_same_reference_leaves_it_once(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    (attempt,) = on.attempts(delivery.id)
    objects = on.objects()
    on.clock.move(MINUTE)
    papers = [PaperToLeave(name="x.pdf", media_type="application/pdf", content=b"other")]
    first = on.collect.all(ACCOUNT)[0].entry.left_at
    assert asyncio.run(on.leave.leave(attempt.reference, ACCOUNT, papers)) == first
    assert (len(on.collect.all(ACCOUNT)), on.objects()) == (1, objects)


def test_a_download_is_the_record_byte_for_byte_and_delivers(on: Exchanged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave, "PART", 5)
    on.verified()
    delivery = on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    taken = on.collect.document(ACCOUNT, entry.id, 0)
    assert len(taken.document.parts) > 2
    content = b"".join(taken.parts)
    assert (sha256(content), len(content)) == (taken.document.digest, taken.document.size)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    with on.database.read() as tx:
        receipt = tx.records.receipts_of([delivery.id])[delivery.id][-1]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert receipt.receipt.event is ReceiptEvent.CONTENT_HANDOVER
    assert receipt.object_name is not None
    raw = on.vault.get(key, contexts.taken(receipt.id), receipt.object_name)
    assert sha256(raw) == receipt.receipt.evidence
    seen = json.loads(raw)
    assert (seen["account"], seen["act"], seen["document"]) == (ACCOUNT, "downloaded", taken.document.digest)


def test_all_documents_come_as_one_zip_and_each_counts_once_it_was_taken(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leave, "PART", 5)
    drawn = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: with_names(drawn(papers), "TC6_Decision.pdf", "é.pdf"))
    session = on.signed_in(on.verified()).secret
    delivery = on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    bundle = on.collect.bundle(ACCOUNT, entry.id, session=session)
    pieces, standing = [], set()
    for piece in bundle.parts:
        pieces.append(piece)
        standing.add((len(on.collect.all(ACCOUNT)[0].entry.taken), on.delivery(delivery.id).state))
    assert max(map(len, pieces)) < 300, "no more than a part and the heads around it"
    assert {(0, DeliveryState.HANDED_OVER), (1, DeliveryState.HANDED_OVER), (2, DeliveryState.DELIVERED)} == standing
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        taken = {one.filename: sha256(archive.read(one)) for one in archive.infolist()}
    assert taken == {one.name: one.digest for one in entry.documents}
    assert bundle.name == "TC6_Decision.zip"
    with pytest.raises(NoSuchThing):
        on.collect.bundle("other", entry.id, session=session)


def test_of_a_zip_that_breaks_off_the_documents_that_came_whole_are_taken(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leave, "PART", 5)
    drawn = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: with_names(drawn(papers), "a.pdf", "b.pdf"))
    session = on.signed_in(on.verified()).secret
    delivery = on.left()
    parts = on.collect.bundle(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id, session=session).parts
    while not on.collect.all(ACCOUNT)[0].entry.taken:
        next(parts)
    del parts
    assert len(on.collect.all(ACCOUNT)[0].entry.taken) == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER


def with_names(papers: RenderedPapers, *names: str) -> RenderedPapers:
    """A document of each name, with content of its own."""
    (first,) = papers.documents
    return replace(
        papers,
        documents=tuple(replace(first, name=one, content=first.content + one.encode()) for one in names),
    )


def test_a_download_that_breaks_off_is_no_taking(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    parts = on.collect.document(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id, 0).parts
    next(parts)
    del parts
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert on.collect.all(ACCOUNT)[0].entry.taken == frozenset()


def test_an_acknowledgment_delivers_and_counts_once(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    on.collect.acknowledge(ACCOUNT, entry.id)
    on.collect.acknowledge(ACCOUNT, entry.id)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    with on.database.read() as tx:
        events = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.EXCHANGE_TAKEN]
    assert [one.facts["act"] for one in events] == ["acknowledged"]


def test_what_is_anothers_is_answered_as_what_does_not_exist(on: Exchanged) -> None:
    on.verified()
    on.verified("other", "other@gw.test")
    on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    for account, entry_id, place in (("other", entry.id, 0), (ACCOUNT, "f" * 32, 0), (ACCOUNT, entry.id, 1)):
        with pytest.raises(NoSuchThing) as raised:
            on.collect.document(account, entry_id, place)
        assert raised.value.code is Code.EXCHANGE_NOTHING_THERE
    with pytest.raises(NoSuchThing):
        on.collect.acknowledge("other", entry.id)
    assert on.collect.all("other") == []


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


def test_nobody_learns_who_has_an_account_and_nobody_is_flooded(on: Exchanged) -> None:
    on.verified()
    on.sign_in.ask("stranger@gw.test")
    assert on.mail() == 0
    for _ in range(LINKS_PER_HOUR + 3):
        on.sign_in.ask(ADDRESS.upper())
    assert on.mail() == LINKS_PER_HOUR


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


def test_every_step_is_on_record_under_its_standard_name_with_its_evidence(on: Exchanged) -> None:
    code = on.verified()
    delivery = on.left()
    on.mail()
    on.signed_in(code)
    for _ in range(2):
        on.collect.were_listed(ACCOUNT, on.collect.all(ACCOUNT))
    (left,) = on.collect.all(ACCOUNT)
    on.clock.move(RULE.patience)
    on.uncollected(10)
    b"".join(on.collect.document(ACCOUNT, left.entry.id, 0).parts)
    on.collect.acknowledge(ACCOUNT, left.entry.id)
    with on.database.read() as tx:
        receipts = tx.records.receipts_of([delivery.id])[delivery.id]
        events = [one.name for one in tx.records.events(delivery.dispatch)]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert [one.receipt.event for one in receipts] == [
        ReceiptEvent.CONTENT_CONSIGNMENT,
        ReceiptEvent.CONSIGNMENT_NOTIFICATION,
        ReceiptEvent.CONTENT_HANDOVER_FAILURE,
        ReceiptEvent.CONTENT_HANDOVER,
        ReceiptEvent.CONTENT_HANDOVER,
    ]
    seen = [json.loads(on.vault.get(key, contexts.taken(one.id), one.object_name or "")) for one in receipts[1:]]
    assert [one["act"] for one in seen] == ["notice", "not-collected", "downloaded", "acknowledged"]
    assert (seen[0]["message"], seen[0]["answer"]) == (on.mailer.sent[0].id, "250 Ok")
    assert [one for one in events if one.value.startswith("exchange-")] == [
        EventName.EXCHANGE_NOTICE_SENT,
        EventName.EXCHANGE_LISTED,
        EventName.EXCHANGE_NOT_COLLECTED,
        EventName.EXCHANGE_TAKEN,
        EventName.EXCHANGE_TAKEN,
    ]


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


def test_what_cannot_be_opened_beside_one_entry_hides_no_other(on: Exchanged) -> None:
    on.verified()
    on.left()
    damage(on, "exchange_entries", "note")
    on.left(package_id="11111111-2222-4333-8444-555555555555", files=[{"number": "TC6-12346", "persons": ["p1"]}])
    whole, broken = on.collect.all(ACCOUNT)
    assert (whole.note is None, broken.note is None) == (False, True)
    assert b"".join(on.collect.document(ACCOUNT, broken.entry.id, 0).parts)
    assert [one.note is None for one in on.collect.since(ACCOUNT, "")] == [True, False]


def test_a_document_that_cannot_be_opened_calls_a_person_and_holds_up_no_other(on: Exchanged) -> None:
    on.verified()
    on.left()
    on.left(package_id="11111111-2222-4333-8444-555555555555", files=[{"number": "TC6-12346", "persons": ["p1"]}])
    damaged, whole = [one.entry for one in on.collect.since(ACCOUNT, "")]
    on.vault.delete(damaged.documents[0].parts[0])
    for take in (
        lambda: on.collect.document(ACCOUNT, damaged.id, 0),
        lambda: on.collect.bundle(ACCOUNT, damaged.id, session="none"),
    ):
        with pytest.raises(NoSuchThing):
            take()
    token = on.tokens.make(ACCOUNT).token
    taken = b"".join(on.collect.all_since(ACCOUNT, "", token=token.id).parts)
    with zipfile.ZipFile(io.BytesIO(taken)) as archive:
        assert [one.partition("/")[0] for one in archive.namelist()] == [whole.id]
    on.take_back(10)
    with on.database.read() as tx:
        (called,) = tx.incoming.find(handling=Handling.FOR_PERSON, limit=5)
    assert (called.delivery, called.finding) == (damaged.delivery, Finding.ENTRY_BROKEN)


def test_what_is_not_collected_in_time_calls_a_person_where_no_other_way_is_left(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    on.clock.move(RULE.patience - MINUTE)
    assert on.uncollected(10) == 0
    on.clock.move(MINUTE)
    assert on.uncollected(10) == 1
    after = on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.HANDED_OVER, Reason.RECEIPT_OVERDUE)
    assert (on.uncollected(10), on.mail()) == (0, 0), "a notice that was due is owed no more"
    assert on.mailer.sent == []
    on.collect.acknowledge(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED


def test_what_is_not_collected_in_time_takes_the_next_way_and_may_still_be_collected(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    with on.database.write() as tx:
        tx.deliveries.save(replace(on.delivery(delivery.id), plan=("secure-upload", "courier")))
    on.clock.move(RULE.patience)
    assert on.uncollected(10) == 1
    after = on.delivery(delivery.id)
    assert (after.state, after.reason, after.channel, after.next_action_at) == (
        DeliveryState.READY,
        Reason.EXCHANGE_NOT_COLLECTED,
        "courier",
        on.clock.now(),
    )
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.EXCHANGE_NOT_COLLECTED]
    assert event.facts["next"] == "courier"
    on.collect.acknowledge(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id)
    late = on.delivery(delivery.id)
    assert (late.state, late.reason) == (DeliveryState.NEEDS_PERSON, Reason.SHOWN_SENT), "nothing is sent twice"


def test_what_was_collected_or_came_to_its_end_takes_no_other_way(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    on.collect.acknowledge(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id)
    on.clock.move(RULE.patience)
    assert on.uncollected(10) == 0
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED


@pytest.mark.parametrize("division", list(Division))
def test_every_division_has_its_patience_and_reminds_before_it_ends(division: Division) -> None:
    rule = find_patience(patience_rules(), division)
    assert list(rule.notice_again_days) == sorted(set(rule.notice_again_days))
    assert all(days < rule.uncollected_days for days in rule.notice_again_days)
    closing = find_closing(closing_rules(), division, "secure-upload")
    assert closing.overdue_days is None or rule.uncollected_days < closing.overdue_days


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


def damage(on: Exchanged, table: str, column: str, value: bytes = bytes(40)) -> bytes:
    """What stood there; now there stands what no seal opens."""
    with closing(sqlite3.connect(on.folder / "gateway.db")) as connection, connection:
        (stood,) = connection.execute(f"SELECT {column} FROM {table}").fetchone()
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
    return bytes(stood)


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


def test_what_was_left_lies_sealed_under_its_own_key(on: Exchanged) -> None:
    on.verified()
    on.left()
    (left,) = on.collect.all(ACCOUNT)
    raw = b"".join(path.read_bytes() for path in (on.folder / "vault").rglob("*") if path.is_file())
    assert b"stand-in for" not in raw
    with on.database.read() as tx:
        assert tx.registry.has_data_key(left.conversation.data_key)


def test_one_mailbox_opens_one_account_and_a_check_says_how(on: Exchanged) -> None:
    on.verified()
    with pytest.raises(Conflict) as raised:
        on.verified("other")
    assert raised.value.code is Code.EXCHANGE_ADDRESS_TAKEN
    with pytest.raises(InputRefused):
        on.verified("third", "no address")


def test_what_was_left_goes_with_its_package_when_that_expires(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    (left,) = on.collect.all(ACCOUNT)
    on.collect.acknowledge(ACCOUNT, left.entry.id)
    on.clock.move(dt.timedelta(days=30))
    on.settle(10)
    assert on.delivery(delivery.id).settled
    parts = {part for one in left.entry.documents for part in one.parts}
    assert parts <= kept(on)
    on.clock.move(dt.timedelta(days=366 * FLOOR_YEARS))
    retention = on.retention()
    assert [one.dispatch for one in retention.run(actor="archivist")] == [delivery.dispatch]
    assert on.collect.all(ACCOUNT) == []
    with pytest.raises(NoSuchThing):
        on.collect.document(ACCOUNT, left.entry.id, 0)
    assert not parts & kept(on)
    with on.database.read() as tx:
        assert not tx.registry.has_data_key(left.conversation.data_key), "a backup of the objects opens no more either"
        (expired,) = tx.records.events_besides(EventName.EXCHANGE_CONVERSATION_EXPIRED)
    assert expired.facts == {"account": ACCOUNT, "conversation": left.conversation.id}


def test_a_conversation_whose_key_went_with_its_last_package_goes_on_under_a_new_one(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    (left,) = on.collect.all(ACCOUNT)
    outlived = OutlivedKeys(database=on.database, clock=on.clock)
    outlived.destroy(actor="archivist")
    with on.database.write() as tx:
        before = tx.registry.data_key(left.conversation.data_key)
        tx.registry.destroy_data_key(tx.dispatches.get(delivery.dispatch).data_key)
    outlived.destroy(actor="archivist")
    later = on.to_leave(package_id=str(uuid.uuid4()))
    on.deliver()
    (anew,) = on.collect.all(ACCOUNT)
    assert (anew.conversation, anew.entry.delivery) == (left.conversation, later.id)
    assert b"".join(on.collect.document(ACCOUNT, anew.entry.id, 0).parts)
    outlived.destroy(actor="archivist")
    with on.database.read() as tx:
        assert tx.registry.data_key(left.conversation.data_key) != before
        assert len(tx.records.events_besides(EventName.EXCHANGE_CONVERSATION_EXPIRED)) == 1


def kept(on: Exchanged) -> set[str]:
    """The names of the sealed objects."""
    return {path.name for path in (on.folder / "vault").rglob("*") if path.is_file()}
