"""What comes back moves the delivery it belongs to, once, as far as it can and no further."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult, Delivery, DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.failures import MaybeSent, NotSent
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.reference import token_of
from gateway.domain.report import Finding, Reading, Report
from gateway.ports.incoming import Handling, Incoming
from tests.application.stage import PATIENCE, WAITS, Stage
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

Made = Callable[..., Stage]


class ScriptedReader:
    """Reads JSON: the token, then the findings. Stands in for the mail reader, which has tests of its own."""

    def read(self, raw: bytes) -> Reading:
        """See `ReceiptReader`."""
        token, *findings = json.loads(raw)
        return Reading(reports=tuple(Report(finding=Finding(one)) for one in findings), tokens=(token,))


class BrokenReader:
    """Breaks on everything."""

    def read(self, raw: bytes) -> Reading:
        """See `ReceiptReader`."""
        raise ZeroDivisionError


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Made]:
    made: list[Stage] = []

    def make(*script: AttemptResult) -> Stage:
        made.append(Stage(tmp_path, FakeChannel(*script)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def two_ways(tmp_path: Path) -> Iterator[Stage]:
    """E-mail that is taken, and a fax whose end nobody knows."""
    fax = FakeChannel(MaybeSent(reason=Reason.SMTP_UNCERTAIN), name="fax")
    on = Stage(tmp_path, FakeChannel(name="encrypted-email"), fax)
    on.recipients(also=("fax",))
    yield on
    on.close()


def sent(on: Stage) -> Delivery:
    """A delivery whose attempt was made."""
    delivery = on.ready()
    on.deliver()
    return on.delivery(delivery.id)


def raw_of(on: Stage, delivery: Delivery, *findings: Finding, mark: int = 0) -> bytes:
    """A message that gives the delivery's token back; `mark` makes it another one."""
    token = token_of(on.attempts(delivery.id)[-1].reference)
    return json.dumps([token, *findings]).encode() + b" " * mark


def receive(on: Stage, raw: bytes) -> Incoming:
    """Kept and read."""
    incoming = on.keep(raw, source="mail")
    assert incoming is not None
    on.reading(ScriptedReader())(10)
    return handling(on, incoming)


def handling(on: Stage, incoming: Incoming) -> Incoming:
    with on.database.read() as tx:
        return tx.incoming.get(incoming.id)


def events(on: Stage, delivery: Delivery) -> list[Event]:
    with on.database.read() as tx:
        return [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.RECEIPT_RECORDED]


def test_a_failure_calls_a_person_and_sends_nothing(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = sent(on)
    incoming = receive(on, raw_of(on, delivery, Finding.FAILED))
    after = on.delivery(delivery.id)
    assert (after.state, after.reason, after.settled) == (DeliveryState.FAILED, Reason.BOUNCED, False)
    assert (incoming.handling, incoming.finding, incoming.delivery) == (
        Handling.FOR_PERSON,
        Finding.FAILED,
        delivery.id,
    )
    on.clock.move(dt.timedelta(days=3))
    assert on.deliver() == 0


def test_a_relay_is_evidence_and_no_delivery(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = sent(on)
    raw = raw_of(on, delivery, Finding.IN_MAILBOX)
    assert receive(on, raw).handling is Handling.MATCHED
    assert on.delivery(delivery.id) == replace(delivery, next_action_at=None)  # nothing but that it is looked at again
    with on.database.read() as tx:
        ours, theirs = tx.records.receipts_of([delivery.id])[delivery.id]
    assert ours.receipt.source == "fake"
    assert (theirs.receipt.event, theirs.receipt.source) == (ReceiptEvent.RELAY_TO_NON_ERDS, "mail")
    assert theirs.receipt.evidence == sha256(raw)


def test_the_raw_bytes_are_kept_sealed_under_the_evidence_key(stage: Made) -> None:
    on = stage(HANDED_OVER)
    raw = raw_of(on, sent(on), Finding.RELAYED)
    incoming = receive(on, raw)
    with on.database.read() as tx:
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert on.vault.get(key, contexts.incoming(incoming.id), incoming.object_name) == raw
    assert all(raw not in path.read_bytes() for path in (on.folder / "vault").rglob("*") if path.is_file())


def test_the_same_message_again_changes_nothing(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = sent(on)
    raw = raw_of(on, delivery, Finding.RELAYED)
    receive(on, raw)
    objects = on.objects()
    assert on.keep(raw, source="mail") is None
    assert on.reading(ScriptedReader())(10) == 0
    assert on.objects() == objects
    assert len(events(on, delivery)) == 1


@pytest.mark.parametrize("finding", [Finding.RELAYED, Finding.IN_MAILBOX, Finding.DELAYED, Finding.DISPLAYED])
def test_what_may_have_been_sent_is_settled_by_a_report_of_it(stage: Made, finding: Finding) -> None:
    on = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN))
    delivery = sent(on)
    assert delivery.state is DeliveryState.UNCONFIRMED
    receive(on, raw_of(on, delivery, finding))
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER


def test_a_report_of_what_was_believed_unsent_stops_the_next_try(stage: Made) -> None:
    on = stage(NotSent(reason=Reason.SMTP_TEMPORARY), HANDED_OVER)
    delivery = sent(on)
    assert delivery.state is DeliveryState.DEFERRED
    receive(on, raw_of(on, delivery, Finding.RELAYED))
    after = on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.NEEDS_PERSON, Reason.SHOWN_SENT)
    on.clock.move(10 * WAITS[-1])
    assert on.deliver() == 0


@pytest.mark.parametrize("finding", [Finding.RELAYED, Finding.DELAYED])
def test_a_person_who_confirms_what_a_report_showed_makes_it_a_service(stage: Made, finding: Finding) -> None:
    on = stage(NotSent(reason=Reason.SMTP_TEMPORARY), HANDED_OVER)
    delivery = sent(on)
    receive(on, raw_of(on, delivery, finding))
    on.resolve(delivery.id, Action.CONFIRM_SENT, actor="clerk", reason="the recipient has it")
    shown = on.views.dispatch(delivery.dispatch)["deliveries"][0]  # type: ignore[index]
    (service,) = shown["services"]
    # A delay is no relay: then it rests on the person's word alone.
    basis = "sent" if finding is Finding.RELAYED else "recorded"
    assert (service["method"], service["basis"]) == ("encrypted-email", basis)
    on.clock.move(dt.timedelta(days=10))
    on.settle(10)
    assert on.delivery(delivery.id).settled is (finding is Finding.RELAYED)


@pytest.mark.parametrize("finding", [Finding.FAILED, Finding.DELAYED, Finding.RELAYED, Finding.DISPLAYED])
def test_what_comes_back_on_an_earlier_way_says_nothing_of_the_way_that_it_went_since(
    two_ways: Stage, finding: Finding
) -> None:
    on = two_ways
    delivery = on.planned_and_rendered()
    on.deliver()
    (mailed,) = on.attempts(delivery.id)
    receive(on, raw_of(on, delivery, Finding.FAILED))
    on.reroute(delivery.id, "fax", actor="clerk", reason="their mail server refuses us")
    on.deliver()
    before = on.delivery(delivery.id)
    assert before.state is DeliveryState.UNCONFIRMED
    receive(on, json.dumps([token_of(mailed.reference), finding]).encode() + b" ")
    assert on.delivery(delivery.id) == before
    with on.database.read() as tx:
        kept = [one.attempt for one in tx.records.receipts_of([delivery.id])[delivery.id]]
    assert set(kept) == {mailed.id}, "it is evidence of the attempt that it is about"


def test_of_two_tries_under_one_message_id_a_report_is_about_the_one_that_it_numbers(stage: Made) -> None:
    """The late failure of the first must not undo the second, though both bear one Message-ID."""
    on = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN), HANDED_OVER)
    delivery = sent(on)
    on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="their server never saw it")
    on.deliver()
    first, second = on.attempts(delivery.id)
    assert first.reference == second.reference
    before = on.delivery(delivery.id)
    assert before.state is DeliveryState.HANDED_OVER
    token = token_of(first.reference)
    receive(on, json.dumps([f"{token}.1", Finding.FAILED]).encode())
    assert on.delivery(delivery.id) == before
    receive(on, json.dumps([f"{token}.2", Finding.RELAYED]).encode())
    receive(on, json.dumps([f"{token}.2", Finding.FAILED]).encode())
    assert on.delivery(delivery.id).state is DeliveryState.FAILED
    assert [one.attempt for one in events(on, delivery)] == [first.id, second.id, second.id]


def test_a_try_that_was_recorded_as_not_sent_and_arrived_calls_a_person_when_the_papers_went_again(stage: Made) -> None:
    on = stage(NotSent(reason=Reason.SMTP_TEMPORARY), HANDED_OVER)
    delivery = sent(on)
    on.clock.move(WAITS[0])
    on.deliver()
    token = token_of(on.attempts(delivery.id)[0].reference)
    second = receive(on, json.dumps([f"{token}.2", Finding.IN_MAILBOX]).encode())
    assert second.handling is Handling.MATCHED
    before = on.delivery(delivery.id)
    assert before.state is DeliveryState.HANDED_OVER
    first = receive(on, json.dumps([f"{token}.1", Finding.IN_MAILBOX]).encode())
    assert (first.handling, first.finding) == (Handling.FOR_PERSON, Finding.IN_MAILBOX)
    assert on.delivery(delivery.id) == before
    again = receive(on, json.dumps([f"{token}.1", Finding.IN_MAILBOX]).encode() + b" ")
    assert again.handling is Handling.MATCHED, "a person was told once"


def test_a_try_that_a_person_confirmed_as_not_sent_and_arrived_calls_a_person_too(stage: Made) -> None:
    on = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN), HANDED_OVER)
    delivery = sent(on)
    on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="their server never saw it")
    on.deliver()
    token = token_of(on.attempts(delivery.id)[0].reference)
    first = receive(on, json.dumps([f"{token}.1", Finding.RELAYED]).encode())
    assert (first.handling, first.finding) == (Handling.FOR_PERSON, Finding.RELAYED)


@pytest.mark.parametrize("number", ["", ".7", ".0", ".x"])
def test_what_names_the_message_alone_is_about_the_last_try_by_which_it_left(stage: Made, number: str) -> None:
    on = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN), HANDED_OVER)
    delivery = sent(on)
    on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="their server never saw it")
    on.deliver()
    token = token_of(on.attempts(delivery.id)[0].reference)
    receive(on, json.dumps([f"{token}{number}", Finding.DISPLAYED]).encode())
    expected = [] if number in {".0", ".x"} else [on.attempts(delivery.id)[1].id]
    assert [one.attempt for one in events(on, delivery)] == expected


def test_that_the_recipient_took_the_papers_counts_whichever_way_brought_them(two_ways: Stage) -> None:
    on = two_ways
    delivery = on.planned_and_rendered()
    on.deliver()
    (mailed,) = on.attempts(delivery.id)
    receive(on, raw_of(on, delivery, Finding.FAILED))
    on.reroute(delivery.id, "fax", actor="clerk", reason="their mail server refuses us")
    on.deliver()
    receive(on, json.dumps([token_of(mailed.reference), Finding.SIGNED]).encode())
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED


def test_what_the_recipient_took_by_the_first_way_is_settled_by_it_though_it_went_by_a_second(tmp_path: Path) -> None:
    on = Stage(tmp_path, FakeChannel(), FakeChannel(name="fax"))
    on.recipients(also=("fax",))
    delivery = on.planned_and_rendered()
    on.deliver()
    (mailed,) = on.attempts(delivery.id)
    receive(on, raw_of(on, delivery, Finding.FAILED))
    on.reroute(delivery.id, "fax", actor="clerk", reason="their mail server refuses us")
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    receive(on, json.dumps([token_of(mailed.reference), Finding.SIGNED]).encode())
    on.settle(10)
    after = on.delivery(delivery.id)
    assert (after.state, after.settled, after.reason) == (DeliveryState.DELIVERED, True, None)
    shown = on.views.dispatch(delivery.dispatch)["deliveries"][0]  # type: ignore[index]
    assert [one["method"] for one in shown["services"]] == ["fax", "encrypted-email"]
    assert (shown["service"]["method"], shown["service"]["basis"]) == ("encrypted-email", "evidence")
    on.close()


def test_what_bounced_and_was_confirmed_on_its_second_way_rests_on_that_one(two_ways: Stage) -> None:
    on = two_ways
    delivery = on.planned_and_rendered()
    on.deliver()
    receive(on, raw_of(on, delivery, Finding.FAILED))
    on.reroute(delivery.id, "fax", actor="clerk", reason="their mail server refuses us")
    on.deliver()
    on.resolve(delivery.id, Action.CONFIRM_SENT, actor="clerk", reason="the fax machine's own journal")
    on.clock.move(dt.timedelta(days=30))
    on.settle(10)
    shown = on.views.dispatch(delivery.dispatch)["deliveries"][0]  # type: ignore[index]
    assert [(one["method"], one["basis"]) for one in shown["services"]] == [("fax", "recorded")]
    after = on.delivery(delivery.id)
    assert (after.settled, after.reason) == (False, Reason.RECEIPT_OVERDUE), "its evidence is still awaited"


def test_what_waits_and_can_no_longer_be_read_goes_to_a_person(stage: Made) -> None:
    on = stage(HANDED_OVER)
    incoming = receive(on, json.dumps([token_of("<nobody@example>"), Finding.RELAYED]).encode())
    assert handling(on, incoming).handling is Handling.WAITING
    on.vault.delete(incoming.object_name)
    on.clock.move(PATIENCE + dt.timedelta(hours=1))
    with pytest.raises(NoSuchThing):
        on.reading(ScriptedReader())(10)
    on.clock.move(dt.timedelta(days=1))
    on.reading(ScriptedReader())(10)
    after = handling(on, incoming)
    assert (after.handling, after.finding) == (Handling.FOR_PERSON, Finding.UNREADABLE)


@pytest.mark.parametrize("finding", [Finding.AUTOMATIC_REPLY, Finding.PERSONAL_REPLY, Finding.UNREADABLE])
def test_a_reply_moves_nothing(stage: Made, finding: Finding) -> None:
    on = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN))
    delivery = sent(on)
    incoming = receive(on, raw_of(on, delivery, finding))
    assert on.delivery(delivery.id) == delivery
    assert incoming.handling is (Handling.MATCHED if finding is Finding.AUTOMATIC_REPLY else Handling.FOR_PERSON)


def test_a_report_that_comes_before_our_own_commit_waits_for_it(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = on.ready()
    ((_, attempt),) = on.claim(10)
    incoming = receive(on, json.dumps([token_of(attempt.reference), Finding.FAILED]).encode())
    assert incoming.handling is Handling.WAITING
    on.clock.move(dt.timedelta(minutes=3))
    on.reconcile(10)
    on.deliver()
    on.reading(ScriptedReader())(10)
    assert handling(on, incoming).handling is Handling.FOR_PERSON
    assert on.delivery(delivery.id).state is DeliveryState.FAILED


def test_what_belongs_to_nothing_goes_to_a_person_and_is_not_dropped(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = sent(on)
    incoming = receive(on, json.dumps(["f" * 32, Finding.FAILED]).encode())
    assert incoming.handling is Handling.WAITING
    on.clock.move(PATIENCE + dt.timedelta(seconds=1))
    on.reading(ScriptedReader())(10)
    assert handling(on, incoming).handling is Handling.FOR_PERSON
    assert handling(on, incoming).delivery is None
    assert on.delivery(delivery.id) == delivery


def test_a_message_that_breaks_its_reader_goes_to_a_person_and_holds_up_nobody(stage: Made) -> None:
    on = stage(HANDED_OVER)
    sent(on)
    incoming = on.keep(b"[]", source="mail")
    assert incoming is not None
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            on.reading(BrokenReader())(10)
        on.clock.move(dt.timedelta(minutes=1))
    on.clock.move(PATIENCE)
    on.reading(BrokenReader())(10)
    after = handling(on, incoming)
    assert (after.handling, after.finding) == (Handling.FOR_PERSON, Finding.UNREADABLE)


def test_what_came_from_where_nobody_looks_any_more_is_for_a_person_and_holds_up_nothing(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = sent(on)
    orphan = on.keep(b"from an account that is gone", source="exchange-receipts:gone")
    assert orphan is not None
    told = receive(on, raw_of(on, delivery, Finding.TAKEN))
    assert told.handling is Handling.MATCHED
    on.clock.move(PATIENCE)
    on.reading(ScriptedReader())(10)
    after = handling(on, orphan)
    assert (after.handling, after.finding) == (Handling.FOR_PERSON, Finding.UNREADABLE)


def test_a_person_deals_with_what_came_once_and_with_a_reason(stage: Made) -> None:
    on = stage(HANDED_OVER)
    incoming = receive(on, raw_of(on, sent(on), Finding.PERSONAL_REPLY))
    with pytest.raises(InputRefused):
        on.close_incoming(incoming.id, actor="clerk", reason=" ")
    assert on.close_incoming(incoming.id, actor="clerk", reason="answered").handling is Handling.CLOSED
    with pytest.raises(Conflict) as conflict:
        on.close_incoming(incoming.id, actor="clerk", reason="answered")
    assert conflict.value.code is Code.RECEIPT_NOT_OPEN


def test_after_a_bounce_a_person_has_it_sent_again(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = sent(on)
    receive(on, raw_of(on, delivery, Finding.FAILED))
    on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="the address works again")
    assert on.deliver() == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER


def test_what_is_larger_than_any_message_is_refused_and_not_kept(stage: Made) -> None:
    on = stage(HANDED_OVER)
    with pytest.raises(InputRefused) as refused:
        on.keep(bytes(50_000_001), source="mail")
    assert refused.value.code is Code.RECEIPT_TOO_LARGE
    assert on.objects() == 0
