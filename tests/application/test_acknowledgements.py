"""A page that comes back moves nothing by itself; what a person confirms is the proof of receipt."""

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application.evidence.proof_drawing import Given
from gateway.application.returns.acknowledgements import ConfirmAcknowledgement, MatchPage
from gateway.application.returns.take_back_page import TakeBackPage
from gateway.domain.accounts import Account
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState, needs_person
from gateway.domain.events import EventName
from gateway.domain.failures import MaybeSent
from gateway.domain.problem import Problem
from gateway.domain.proof import ProofKind
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.reference import SendingToken
from gateway.domain.report import Finding, Reading, Report
from gateway.domain.return_code import ReturnCode
from gateway.ports.incoming import Handling, Incoming
from tests.application.exporting import desk, paper_text
from tests.application.stage import PATIENCE, Stage
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

SIGNED = "Jean Tremblay signed; compared with his retainer."


class PageReader:
    """Reads a finding and perhaps a code. Stands in for the reader of pages, which has tests of its own."""

    def read(self, raw: bytes) -> Reading:
        """See `ReceiptReader`."""
        finding, code = json.loads(raw)
        return Reading(
            reports=(Report(finding=Finding(finding)),), code=ReturnCode.parse(code) if code is not None else None
        )


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel(*[HANDED_OVER] * 4))
    yield stage
    stage.close()


def sent(on: Stage) -> Delivery:
    """A delivery that was handed over, whose page bears a code."""
    delivery = on.ready(package_id=str(uuid.uuid4()))
    on.deliver()
    with on.database.write() as tx:
        tx.return_codes.add(code_of(on, delivery), token=token_of(on, delivery))
    return on.delivery(delivery.id)


def code_of(on: Stage, delivery: Delivery) -> ReturnCode:
    return ReturnCode.of(token_of(on, delivery))


def token_of(on: Stage, delivery: Delivery) -> str:
    last = on.attempts(delivery.id)[-1]
    return str(SendingToken.of(last.reference, last.number))


def came(
    on: Stage, code: ReturnCode | None = None, finding: Finding = Finding.PAGE_RETURNED, mark: int = 0
) -> Incoming:
    """A page that came and was read, an hour later."""
    on.clock.move(dt.timedelta(hours=1))
    raw = json.dumps([finding, code.text if code else None]).encode() + b" " * mark
    incoming = on.keep(raw, source="mail")
    assert incoming is not None
    on.reading(PageReader())(10)
    on.clock.move(PATIENCE + dt.timedelta(minutes=1))
    on.reading(PageReader())(10)
    return stands(on, incoming)


def stands(on: Stage, incoming: Incoming) -> Incoming:
    with on.database.read() as tx:
        return tx.incoming.get(incoming.id)


def confirm(on: Stage, page: Incoming, at: dt.datetime | None = None, actor: str = "r.officer") -> Delivery:
    act = ConfirmAcknowledgement(database=on.database, vault=on.vault, clock=on.clock)
    return act(page.id, at or page.received_at - dt.timedelta(minutes=30), actor=actor, reason=SIGNED)


def match(on: Stage, page: Incoming, named: str, actor: str = "m.clerk") -> Incoming:
    return MatchPage(database=on.database, vault=on.vault, clock=on.clock)(
        page.id, named, actor=actor, reason="The file number is written on it."
    )


def take_back(on: Stage, page: Incoming, reason: str = "It is his neighbour's.") -> tuple[Incoming, Delivery]:
    return TakeBackPage(database=on.database, vault=on.vault, clock=on.clock)(page.id, actor="m.clerk", reason=reason)


@contextmanager
def refused(code: Code) -> Iterator[None]:
    with pytest.raises(Problem) as problem:
        yield
    assert problem.value.code is code


def is_unmoved(on: Stage, delivery: Delivery) -> bool:
    """When it is looked at next may have changed, and nothing else."""
    return replace(on.delivery(delivery.id), next_action_at=delivery.next_action_at) == delivery


def receipts(on: Stage, delivery: Delivery) -> list[ReceiptEvent]:
    with on.database.read() as tx:
        return [one.receipt.event for one in tx.records.receipts_of([delivery.id])[delivery.id]]


def two_people(on: Stage) -> None:
    with on.database.write() as tx:
        for name in ("m.clerk", "r.officer"):
            tx.accounts.put(
                Account(name=name, roles=frozenset(), secret_digest=name, created_at=on.clock.now(), created_by="init")
            )


def test_a_page_that_comes_back_waits_for_a_person_and_moves_nothing(on: Stage) -> None:
    delivery = sent(on)
    before = receipts(on, delivery)
    page = came(on, code_of(on, delivery))
    assert (page.handling, page.finding, page.delivery) == (Handling.FOR_PERSON, Finding.PAGE_RETURNED, delivery.id)
    assert is_unmoved(on, delivery)
    assert receipts(on, delivery) == before


def test_what_a_person_confirms_is_the_proof_and_ends_the_delivery(on: Stage) -> None:
    delivery = sent(on)
    page = came(on, code_of(on, delivery))
    at = page.received_at - dt.timedelta(minutes=30)
    after = confirm(on, page, at)
    assert (after.state, after.settled, on.delivery(delivery.id)) == (DeliveryState.DELIVERED, True, after)
    with on.database.read() as tx:
        receipt = tx.records.receipts_of([delivery.id])[delivery.id][-1]
        event = tx.records.events(delivery.dispatch)[-1]
    assert (receipt.receipt.event, receipt.receipt.at) == (ReceiptEvent.CONTENT_HANDOVER, at)
    assert (receipt.receipt.evidence, receipt.object_name) == (page.digest, page.object_name)
    assert (event.name, event.actor) == (EventName.RECEIPT_CONFIRMED, "r.officer")
    assert event.reason is not None
    assert b"Tremblay" not in event.reason
    assert stands(on, page).handling is Handling.MATCHED


def test_it_is_confirmed_once(on: Stage) -> None:
    delivery = sent(on)
    page = came(on, code_of(on, delivery))
    confirm(on, page)
    with refused(Code.RECEIPT_NOT_OPEN):
        confirm(on, page)


@pytest.mark.parametrize("off", [dt.timedelta(days=-2), dt.timedelta(minutes=1)])
def test_nobody_received_it_before_it_was_sent_or_after_the_page_came(on: Stage, off: dt.timedelta) -> None:
    delivery = sent(on)
    page = came(on, code_of(on, delivery))
    with refused(Code.REQUEST_INVALID):
        confirm(on, page, page.received_at + off)
    assert is_unmoved(on, delivery)


def test_an_unknown_code_ties_a_page_to_nothing(on: Stage) -> None:
    delivery = sent(on)
    page = came(on, ReturnCode.of("<somebody@else.example>"))
    assert (page.handling, page.finding, page.delivery) == (Handling.FOR_PERSON, Finding.PAGES_UNKNOWN, None)
    with refused(Code.RECEIPT_NO_PAGE):
        confirm(on, page)
    assert is_unmoved(on, delivery)


@pytest.mark.parametrize("by_code", [True, False])
def test_a_page_without_a_code_is_matched_by_hand(on: Stage, by_code: bool) -> None:
    delivery = sent(on)
    page = came(on, finding=Finding.PAGES_UNKNOWN)
    matched = match(on, page, code_of(on, delivery).grouped.lower() if by_code else delivery.id)
    assert (matched.delivery, matched.matched_by, matched.handling) == (delivery.id, "m.clerk", Handling.FOR_PERSON)
    assert is_unmoved(on, delivery)
    assert confirm(on, page).state is DeliveryState.DELIVERED


def test_who_matched_a_page_by_hand_does_not_confirm_it_too(on: Stage) -> None:
    delivery = sent(on)
    two_people(on)
    page = came(on, finding=Finding.PAGES_UNKNOWN)
    match(on, page, delivery.id, actor="m.clerk")
    with refused(Code.RECEIPT_OWN_MATCH):
        confirm(on, page, actor="m.clerk")
    assert is_unmoved(on, delivery)
    assert confirm(on, page, actor="r.officer").state is DeliveryState.DELIVERED


def test_a_page_with_anothers_code_is_never_matched_to_this_one(on: Stage) -> None:
    first, second = sent(on), sent(on)
    page = came(on, code_of(on, second))
    with refused(Code.RECEIPT_OF_ANOTHER_DELIVERY):
        match(on, page, first.id)
    assert is_unmoved(on, first)
    assert stands(on, page).delivery == second.id


def test_pages_of_several_are_matched_to_none(on: Stage) -> None:
    delivery = sent(on)
    page = came(on, finding=Finding.PAGES_OF_SEVERAL)
    for act in (lambda: match(on, page, delivery.id), lambda: confirm(on, page)):
        with refused(Code.RECEIPT_NO_PAGE):
            act()


@pytest.mark.parametrize("finding", [Finding.FAILED, Finding.FAX_SENT, Finding.AUTOMATIC_REPLY])
def test_a_report_of_a_program_is_no_page(on: Stage, finding: Finding) -> None:
    delivery = sent(on)
    page = came(on, finding=finding)
    with refused(Code.RECEIPT_NO_PAGE):
        match(on, page, delivery.id)


def test_nothing_is_matched_to_what_was_never_sent(on: Stage) -> None:
    delivery = on.ready()
    page = came(on, finding=Finding.PAGES_UNKNOWN)
    with refused(Code.DELIVERY_ACTION_NOT_POSSIBLE):
        match(on, page, delivery.id)
    with refused(Code.DELIVERY_UNKNOWN):
        match(on, page, ReturnCode.of("<never@printed.example>").grouped)


def test_a_page_is_not_used_up_while_another_try_is_on_its_way(tmp_path: Path) -> None:
    on = Stage(tmp_path, FakeChannel(MaybeSent(reason=Reason.SMTP_UNCERTAIN), HANDED_OVER))
    delivery = sent(on)
    page = came(on, code_of(on, delivery))
    on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="the server never had it")
    ((claimed, token),) = on.claim(10)
    with refused(Code.RECEIPT_MUST_WAIT):
        confirm(on, page)
    assert (stands(on, page), receipts(on, delivery)) == (page, [])
    asyncio.run(on.make(claimed, token))
    after = confirm(on, page)
    assert (after.state, after.settled) == (DeliveryState.DELIVERED, True)
    assert stands(on, page).handling is Handling.MATCHED
    on.close()


@pytest.mark.parametrize("state", [DeliveryState.PLANNED, DeliveryState.CANCELLED])
def test_a_page_that_could_move_nothing_stays_open(on: Stage, state: DeliveryState) -> None:
    delivery = sent(on)
    page = came(on, code_of(on, delivery))
    before = receipts(on, delivery)
    with on.database.write() as tx:
        tx.deliveries.save(replace(tx.deliveries.get(delivery.id), state=state))
    with refused(Code.DELIVERY_ACTION_NOT_POSSIBLE):
        confirm(on, page)
    assert (stands(on, page), receipts(on, delivery)) == (page, before)


def test_a_second_page_of_what_is_delivered_is_kept_as_evidence(on: Stage) -> None:
    delivery = sent(on)
    first, second = came(on, code_of(on, delivery)), came(on, code_of(on, delivery), mark=1)
    after = confirm(on, first)
    assert confirm(on, second) == after
    assert receipts(on, delivery)[-2:] == [ReceiptEvent.CONTENT_HANDOVER] * 2
    assert stands(on, second).handling is Handling.MATCHED


def test_a_mistaken_match_is_taken_back_and_the_page_matched_to_its_own(on: Stage) -> None:
    wrong, right = sent(on), sent(on)
    page = came(on, finding=Finding.PAGES_UNKNOWN)
    match(on, page, wrong.id)
    with refused(Code.REQUEST_INVALID):
        take_back(on, page, reason=" ")
    free, delivery = take_back(on, page)
    assert (free.finding, free.delivery, free.attempt, free.matched_by) == (Finding.PAGES_UNKNOWN, None, None, None)
    assert (free.handling, stands(on, page)) == (Handling.FOR_PERSON, free)
    assert is_unmoved(on, wrong)
    assert delivery.id == wrong.id
    with on.database.read() as tx:
        event = tx.records.events(wrong.dispatch)[-1]
    assert (event.name, event.actor, event.facts["confirmed"]) == (EventName.RECEIPT_TAKEN_BACK, "m.clerk", False)
    assert event.reason is not None
    match(on, page, right.id)
    assert confirm(on, page).id == right.id
    assert on.delivery(right.id).state is DeliveryState.DELIVERED
    assert on.delivery(wrong.id).state is DeliveryState.HANDED_OVER


def test_a_mistaken_confirmation_is_taken_back_and_proves_nothing_any_more(on: Stage) -> None:
    wrong, right = sent(on), sent(on)
    page = came(on, finding=Finding.PAGES_UNKNOWN)
    match(on, page, wrong.id)
    before = receipts(on, wrong)
    confirm(on, page)
    free, after = take_back(on, page)
    assert (after.state, after.settled, after.reason) == (DeliveryState.HANDED_OVER, False, Reason.RECEIPT_TAKEN_BACK)
    assert needs_person(after)
    assert receipts(on, wrong) == before
    assert free.delivery is None
    on.settle(10)
    assert on.delivery(wrong.id).state is DeliveryState.HANDED_OVER, "no look makes it delivered"
    match(on, page, right.id)
    assert confirm(on, page).id == right.id
    with refused(Code.RECEIPT_NOT_OPEN):
        confirm(on, page)


def test_a_paper_that_rests_on_a_page_taken_back_goes_to_no_court_and_is_made_anew_of_what_proves(on: Stage) -> None:
    delivery = sent(on)
    wrong = came(on, code_of(on, delivery))
    confirm(on, wrong)
    (void,) = desk(on).make(delivery.dispatch, "m1", Given(), officer=None, actor="clerk").papers
    assert [one.name for one in desk(on).signed(delivery.id)] == ["confirmation-of-receipt-01.pdf"]
    on.clock.move(dt.timedelta(minutes=1))
    take_back(on, wrong)
    assert desk(on).signed(delivery.id) == []
    assert desk(on).make(delivery.dispatch, "m1", Given(), officer=None, actor="clerk").papers == []

    right = came(on, code_of(on, delivery), mark=1)
    confirm(on, right)
    (paper,) = desk(on).make(delivery.dispatch, "m1", Given(), officer=None, actor="clerk").papers
    assert (paper.kind, paper.id != void.id) == (ProofKind.CONFIRMATION, True)
    shown = paper_text(desk(on).read(paper.id, actor="clerk"))
    assert (right.digest in shown, wrong.digest in shown) == (True, False)
    assert [one.name for one in desk(on).signed(delivery.id)] == ["confirmation-of-receipt-01.pdf"]


def test_what_its_own_code_says_of_a_page_stands_when_its_confirmation_is_taken_back(on: Stage) -> None:
    delivery = sent(on)
    page = came(on, code_of(on, delivery))
    with refused(Code.RECEIPT_NOT_MATCHED):
        take_back(on, page)
    confirm(on, page)
    waiting, after = take_back(on, page)
    assert (waiting.delivery, waiting.finding, after.settled) == (delivery.id, Finding.PAGE_RETURNED, False)
    with refused(Code.RECEIPT_NOT_MATCHED):
        take_back(on, page)
    again = confirm(on, page)
    assert (again.state, again.settled) == (DeliveryState.DELIVERED, True)
    assert receipts(on, delivery)[-1] is ReceiptEvent.CONTENT_HANDOVER, "the same page may prove it after all"


def test_a_delivery_that_another_page_proves_stays_delivered(on: Stage) -> None:
    delivery = sent(on)
    first, second = came(on, code_of(on, delivery)), came(on, code_of(on, delivery), mark=1)
    confirm(on, first)
    confirm(on, second)
    _, after = take_back(on, first)
    assert (after.state, after.settled) == (DeliveryState.DELIVERED, True)
    assert take_back(on, second)[1].state is DeliveryState.HANDED_OVER


def test_what_nothing_else_shows_to_have_left_is_unconfirmed_and_not_sent_again(tmp_path: Path) -> None:
    on = Stage(tmp_path, FakeChannel(MaybeSent(reason=Reason.SMTP_UNCERTAIN), HANDED_OVER))
    delivery = sent(on)
    page = came(on, code_of(on, delivery))
    confirm(on, page)
    _, after = take_back(on, page)
    assert (after.state, needs_person(after)) == (DeliveryState.UNCONFIRMED, True)
    assert on.claim(10) == []
    on.close()
