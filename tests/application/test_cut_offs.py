"""A cut-off that passes, and unfit envelopes: each item is on a manifest, due again, or before a person."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.evidence.export import AskedEvidence
from gateway.application.mail_room.taking_out import Unfit
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState, ResultName, needs_person
from gateway.domain.digest import sha256
from gateway.domain.events import EventName
from gateway.domain.manifest import AtCutOff, CarriageTerms, last_cut_off
from gateway.domain.parties import ChannelName
from gateway.domain.print_order import PrintState
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.domain.reasons import Reason
from tests.application.exporting import exported
from tests.application.mail_room import SIGNED, MailRoomStage
from tests.channels.mailing import POSTAL

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
WHY = "The sheet is torn."


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[MailRoomStage]:
    stage = MailRoomStage(tmp_path)  # Friday 20 November 2026, one o'clock in Toronto; the cut-off is at four
    yield stage
    stage.close()


def manifests(stage: MailRoomStage) -> list[tuple[str, int]]:
    with stage.database.read() as tx:
        return [(one.closed_by, len(tx.manifests.items(one.number))) for one in tx.manifests.newest(10)]


def test_a_batch_whose_cut_off_passed_is_closed_by_itself_once(stage: MailRoomStage) -> None:
    stage.gather(3)
    assert stage.at_cut_offs(100) == 0
    stage.clock.move(4 * HOUR)
    assert stage.at_cut_offs(100) == 3
    assert manifests(stage) == [("gateway", 3)]
    assert stage.waiting() == []
    stage.clock.move(HOUR)
    assert stage.at_cut_offs(100) == 0
    assert manifests(stage) == [("gateway", 3)]


def test_processes_that_look_at_once_close_one_manifest(stage: MailRoomStage) -> None:
    stage.gather(3)
    stage.clock.move(4 * HOUR)
    begin = threading.Barrier(3)
    found: list[int] = []

    def look() -> None:
        sweep = stage.at_cut_offs
        begin.wait()
        found.append(sweep(100))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [0, 0, 3]
    assert manifests(stage) == [("gateway", 3)]


def test_what_came_after_the_cut_off_waits_for_the_next_day_on_which_the_office_works(stage: MailRoomStage) -> None:
    stage.clock.move(4 * HOUR)
    stage.gather()
    for _ in range(3):  # Friday evening, Saturday, Sunday
        assert stage.at_cut_offs(100) == 0
        stage.clock.move(DAY)
    assert stage.at_cut_offs(100) == 1  # Monday at five


def test_a_moved_recipient_is_set_aside_by_the_cut_off_too(stage: MailRoomStage) -> None:
    (moved,) = stage.gather()
    stage.live_at(replace(POSTAL, lines=("1 rue Neuve",)))
    stage.clock.move(4 * HOUR)
    assert stage.at_cut_offs(100) == 1
    after = stage.delivery(moved.id)
    assert (after.state, after.reason) == (DeliveryState.NEEDS_PERSON, Reason.ADDRESS_CHANGED)
    assert manifests(stage) == []


def test_where_the_office_wants_it_so_a_person_is_called_once_until_they_close(stage: MailRoomStage) -> None:
    stage.terms[stage.service] = replace(stage.terms[stage.service], at_cut_off=AtCutOff.CALL)
    (delivery,) = stage.gather()
    stage.clock.move(4 * HOUR)
    assert stage.at_cut_offs(100) == 1
    called = stage.delivery(delivery.id)
    assert (called.state, called.reason) == (DeliveryState.BATCHED, Reason.MAIL_NOT_CLOSED)
    assert needs_person(called)
    stage.clock.move(HOUR)
    assert stage.at_cut_offs(100) == 0
    assert manifests(stage) == []
    assert len(stage.close_items()) == 1
    assert not needs_person(stage.delivery(delivery.id))


def test_without_numbers_of_the_post_a_person_is_called_and_nothing_is_lost(tmp_path: Path) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, "RN 47312481-47312481 CA")
    deliveries = stage.gather(2)
    stage.clock.move(4 * HOUR)
    assert stage.at_cut_offs(100) == 2
    assert {stage.delivery(one.id).reason for one in deliveries} == {Reason.MAIL_NOT_CLOSED}
    assert len(stage.waiting()) == 2
    stage.close()


def test_a_strike_that_begins_after_closing_calls_a_person_at_once_for_what_the_driver_may_have_taken(
    stage: MailRoomStage,
) -> None:
    (taken,) = stage.gather()
    stage.hand_over(stage.close_items()[0].manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    unsigned, left_here = stage.gather(2)
    number = stage.close_items()[0].manifest or ""
    at = stage.clock.now()
    stage.clock.move(HOUR)
    stage.calendar.suspend(stage.service, None, actor="clerk", reason="A strike.")
    assert stage.at_cut_offs(100) == 2
    for one in (unsigned, left_here):
        called = stage.delivery(one.id)
        assert (called.state, called.reason) == (DeliveryState.BATCHED, Reason.MAIL_NOT_SIGNED)
        assert needs_person(called)
    stage.clock.move(HOUR)
    assert stage.at_cut_offs(100) == 0, "once"
    stage.resolve(left_here.id, Action.HOLD, actor="clerk", reason="It lies here still.")
    done = stage.hand_over(number, at=at, signed=SIGNED, actor="clerk")
    assert (done.taken, [one.delivery for one in done.left_out]) == ([unsigned.id], [left_here.id])
    assert {stage.delivery(one.id).state for one in (taken, unsigned)} == {DeliveryState.HANDED_OVER}


@pytest.mark.parametrize(("state", "becomes"), [(PrintState.MADE, "needs-person"), (PrintState.ASKED, "batched")])
def test_a_strike_takes_back_what_no_print_vendor_was_asked_for_yet(
    stage: MailRoomStage, state: PrintState, becomes: str
) -> None:
    stage.terms[stage.service] = replace(stage.terms[stage.service], printed_by_vendor=True)
    (delivery,) = stage.gather()
    number = stage.close_items()[0].manifest or ""
    with stage.database.write() as tx:
        order = tx.print_orders.get(number)
        assert order is not None
        tx.print_orders.save(replace(order, state=state))
    stage.calendar.suspend(stage.service, None, actor="clerk", reason="A strike.")
    assert stage.at_cut_offs(100) == 1
    assert stage.delivery(delivery.id).state == becomes


@pytest.mark.parametrize("at_cut_off", AtCutOff)
def test_a_strike_takes_out_what_lies_in_the_batch_before_its_cut_off_and_whatever_the_office_wants_then(
    stage: MailRoomStage, at_cut_off: AtCutOff
) -> None:
    stage.terms[stage.service] = replace(stage.terms[stage.service], at_cut_off=at_cut_off)
    (delivery,) = stage.gather()
    assert stage.at_cut_offs(100) == 0, "its cut-off is hours away"
    stage.calendar.suspend(stage.service, None, actor="clerk", reason="A strike.")
    stage.clock.move(dt.timedelta(minutes=1))
    assert stage.at_cut_offs(100) == 1
    after = stage.delivery(delivery.id)
    assert (after.state, after.reason, stage.waiting()) == (DeliveryState.NEEDS_PERSON, Reason.CARRIER_SUSPENDED, [])
    stage.calendar.restore(stage.service, actor="clerk", reason="It ended.")
    assert stage.delivery(delivery.id).state is DeliveryState.PLANNED


def test_what_no_carrier_took_by_its_next_day_is_before_a_person_until_somebody_signed_for_it(
    stage: MailRoomStage,
) -> None:
    (delivery,) = stage.gather()
    number = stage.close_items()[0].manifest or ""  # Friday, one o'clock
    for _ in range(3):
        stage.clock.move(24 * HOUR)
        assert stage.at_cut_offs(100) == 0, "nobody comes on a weekend, and on Monday it is one o'clock"
    stage.clock.move(4 * HOUR)
    assert stage.at_cut_offs(100) == 1
    called = stage.delivery(delivery.id)
    assert (called.state, called.reason) == (DeliveryState.BATCHED, Reason.MAIL_NOT_SIGNED)
    assert needs_person(called)
    stage.clock.move(HOUR)
    assert stage.at_cut_offs(100) == 0, "once"
    stage.hand_over(number, at=stage.clock.now(), signed=SIGNED, actor="clerk")
    assert not needs_person(stage.delivery(delivery.id))
    stage.clock.move(72 * HOUR)
    assert stage.at_cut_offs(100) == 0


@pytest.mark.parametrize(
    ("now", "passed"),
    [
        ("2026-11-20T15:59:00-05:00", "2026-11-19T16:00:00-05:00"),
        ("2026-11-20T16:00:00-05:00", "2026-11-20T16:00:00-05:00"),
        ("2026-11-23T08:00:00-05:00", "2026-11-20T16:00:00-05:00"),
    ],
)
def test_the_newest_cut_off_is_one_of_a_working_day(now: str, passed: str) -> None:
    zone = dt.timezone(-5 * HOUR)
    terms = CarriageTerms(carrier="Canada Post", cut_off=dt.time(16))
    found = last_cut_off(terms, dt.datetime.fromisoformat(now), zone, lambda _: False)
    assert found == dt.datetime.fromisoformat(passed)


@pytest.mark.parametrize("anew", [False, True])
def test_an_unfit_envelope_is_taken_out_with_a_reason_and_due_again_or_before_a_person(
    stage: MailRoomStage, anew: bool
) -> None:
    kept, torn = stage.gather(2)
    (reference,) = [one.reference for one in stage.waiting() if one.delivery == torn.id]
    closing = stage.close_manifest(unfit=Unfit(codes=(reference,), why=WHY, anew=anew))
    assert [one.delivery for one in stage.items_of(closing)] == [kept.id]
    assert [(one.delivery, one.reason) for one in closing.set_aside] == [(torn.id, Reason.MAIL_UNFIT)]
    after = stage.delivery(torn.id)
    assert after.state is (DeliveryState.READY if anew else DeliveryState.NEEDS_PERSON)
    assert needs_person(after) is not anew
    (attempt,) = stage.attempts(torn.id)
    assert (attempt.result, attempt.reason) == (ResultName.NOT_SENT, Reason.MAIL_UNFIT)
    with stage.database.read() as tx:
        (event,) = [one for one in tx.records.events(torn.dispatch) if one.name is EventName.ITEM_TAKEN_OUT]
        key = data_key(tx.registry, tx.dispatches.get(torn.dispatch).data_key)
    assert event.actor == "clerk"
    assert stage.vault.open(key, contexts.reason(torn.id), event.reason or b"") == WHY.encode()
    if anew:
        stage.deliver()
        (item,) = stage.waiting()
        assert (item.delivery, item.reference != reference) == (torn.id, True)


def test_a_code_that_lies_in_no_batch_or_a_missing_reason_takes_nothing_out(stage: MailRoomStage) -> None:
    stage.gather(2)
    (first, _) = stage.waiting()
    with pytest.raises(NoSuchThing) as unknown:
        stage.close_manifest(unfit=Unfit(codes=(first.reference, "1" * 24), why=WHY, anew=True))
    assert unknown.value.code is Code.MANIFEST_CODE_UNKNOWN
    with pytest.raises(InputRefused):
        stage.close_manifest(unfit=Unfit(codes=(first.reference,), why=" ", anew=True))
    assert len(stage.waiting()) == 2


def test_when_all_turned_out_unfit_no_manifest_is_closed(stage: MailRoomStage) -> None:
    stage.gather()
    (item,) = stage.waiting()
    closing = stage.close_manifest(unfit=Unfit(codes=(item.reference,), why=WHY, anew=False))
    assert (closing.manifest, len(closing.set_aside)) == (None, 1)


@pytest.mark.parametrize(
    ("count", "everybody", "page"), [(1, None, True), (2, None, False), (2, "For the court.", True)]
)
def test_the_evidence_of_each_delivery_holds_its_line_of_the_signed_manifest(
    stage: MailRoomStage, count: int, everybody: str | None, page: bool
) -> None:
    deliveries = stage.gather(count)
    manifest = stage.close_manifest().manifest
    assert manifest is not None
    stage.hand_over(manifest.number, at=stage.clock.now(), signed=SIGNED, actor="clerk")
    for place, delivery in enumerate(deliveries, start=1):
        members = exported(stage, delivery.dispatch, delivery.participant, asked=AskedEvidence(everybody=everybody))
        line = json.loads(members["receipts/handover-01.json"])
        (attempt,) = stage.attempts(delivery.id)
        assert (line["manifest"], line["place"], line["pieces"]) == (manifest.number, place, count)
        assert (line["piece"], line["signed_page"]) == (attempt.reference, sha256(SIGNED))
        assert line["handed_over_at"] is not None
        assert ("receipts/handover-01.pdf" in members) is page
        if page:
            assert members["receipts/handover-01.pdf"] == SIGNED
