"""The mail room: gathered, closed once into one manifest, handed over by the driver's signature and not before."""

import csv
import datetime as dt
import io
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.application import contexts
from gateway.application.mail_room import files, pages
from gateway.application.mail_room.check import CheckEnvelope
from gateway.application.mail_room.close import Closing
from gateway.application.mail_room.numbers import give_numbers
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.manifest import sheet_code
from gateway.domain.parties import ChannelName, Language
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.s10 import NumberRange, check_digit
from tests.application.mail_room import OFFICE, SIGNED, MailRoomStage
from tests.channels.mailing import POSTAL
from tests.templates.cases import text_of

HOUR = dt.timedelta(hours=1)


def shown(view: Mapping[str, object], part: str) -> Sequence[Mapping[str, object]]:
    """A list of a view."""
    return cast("Sequence[Mapping[str, object]]", view[part])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[MailRoomStage]:
    stage = MailRoomStage(tmp_path)
    yield stage
    stage.close()


def test_what_is_gathered_is_in_a_batch_with_its_packet_sealed_and_nothing_is_handed_over(stage: MailRoomStage) -> None:
    (delivery,) = stage.gather()
    assert (delivery.state, delivery.settled, delivery.reason) == (DeliveryState.BATCHED, False, None)
    (attempt,) = stage.attempts(delivery.id)
    assert attempt.result is ResultName.GATHERED
    (order,) = stage.packets.orders
    assert (order.code, order.envelope.to) == (attempt.reference, ("Hearings", "CBSA"))
    with stage.database.read() as tx:
        key = data_key(tx.registry, tx.dispatches.get(delivery.dispatch).data_key)
        assert tx.records.receipts_of([delivery.id])[delivery.id] == []
    packet = stage.vault.get(key, contexts.sent(attempt.id), attempt.sent_object or "")
    assert attempt.reference.encode() in packet
    assert sha256(packet) == attempt.sent_digest
    (item,) = stage.waiting()
    assert (item.delivery, item.office, item.pages, item.sheets) == (delivery.id, OFFICE, 4, 2)


def test_a_manifest_fixes_what_was_gathered_and_hands_nothing_over(stage: MailRoomStage) -> None:
    deliveries = stage.gather(3)
    closing = stage.close_manifest()
    assert closing.manifest is not None
    assert closing.manifest.number == "M20261120-001"
    listed = stage.items_of(closing)
    assert [one.delivery for one in listed] == [one.id for one in deliveries]
    assert [one.place for one in listed] == [1, 2, 3]
    assert [one.piece for one in listed] == [one.reference for one in listed]
    assert {stage.delivery(one.id).state for one in deliveries} == {DeliveryState.BATCHED}
    assert stage.waiting() == []
    items = shown(stage.room.one(closing.manifest.number), "items")
    assert [one["state"] for one in items] == ["listed"] * 3


def test_closing_twice_changes_nothing_and_says_which_manifest_is_closed(stage: MailRoomStage) -> None:
    stage.gather(2)
    stage.close_manifest()
    with pytest.raises(Conflict) as again:
        stage.close_manifest()
    assert again.value.code is Code.MANIFEST_NOTHING_GATHERED
    assert again.value.facts["last"] == "M20261120-001"
    assert len(shown(stage.room.all(viewer=None), "manifests")) == 1


def test_two_closers_at_once_give_one_manifest(stage: MailRoomStage) -> None:
    stage.gather(4)
    begin = threading.Barrier(3)
    ends: list[Closing | Problem] = []

    def close() -> None:
        closer = stage.closer
        begin.wait()
        try:
            ends.append(closer(stage.service, OFFICE, actor="clerk"))
        except Problem as problem:
            ends.append(problem)

    threads = [threading.Thread(target=close) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    closed = [one for one in ends if isinstance(one, Closing)]
    assert len(ends) == 3
    assert [one.items for one in closed] == [4]
    assert all(one.code is Code.MANIFEST_NOTHING_GATHERED for one in ends if isinstance(one, Problem))


def test_what_is_gathered_after_the_cut_off_goes_with_the_next_manifest_unless_it_is_asked_for(
    stage: MailRoomStage,
) -> None:
    (early,) = stage.gather()
    stage.clock.move(4 * HOUR)  # five o'clock: the cut-off was at four
    (late,) = stage.gather()
    (waiting,) = shown(stage.room.all(viewer=None), "waiting")
    assert (waiting["items"], waiting["after_cut_off"], waiting["cut_off"]) == (2, 1, "16:00")
    assert [one.delivery for one in stage.close_items()] == [early.id]
    with pytest.raises(Conflict):
        stage.close_manifest()
    assert [one.delivery for one in stage.close_items(late=True)] == [late.id]


def test_a_recipient_who_moved_is_before_a_person_and_not_on_the_manifest(stage: MailRoomStage) -> None:
    (moved,) = stage.gather()
    stage.live_at(replace(POSTAL, lines=("1 rue Neuve",)))
    (stays,) = stage.gather()
    closing = stage.close_manifest()
    assert [one.delivery for one in stage.items_of(closing)] == [stays.id]
    assert [(one.delivery, one.reason) for one in closing.set_aside] == [(moved.id, Reason.ADDRESS_CHANGED)]
    after = stage.delivery(moved.id)
    assert (after.state, after.reason) == (DeliveryState.NEEDS_PERSON, Reason.ADDRESS_CHANGED)
    (attempt,) = stage.attempts(moved.id)
    assert (attempt.result, attempt.reason) == (ResultName.NOT_SENT, Reason.ADDRESS_CHANGED)


def test_when_all_were_set_aside_no_manifest_is_closed(stage: MailRoomStage) -> None:
    stage.gather()
    stage.live_at(POSTAL, service="registered-mail")
    closing = stage.close_manifest()
    assert closing.manifest is None
    assert [one.reason for one in closing.set_aside] == [Reason.RECIPIENT_CHANGED]
    assert stage.room.all(viewer=None) == {"waiting": [], "manifests": []}


def test_while_a_carrier_stands_still_nothing_of_its_batch_is_closed(stage: MailRoomStage) -> None:
    (delivery,) = stage.gather()
    stage.calendar.suspend(stage.service, since=None, actor="clerk", reason="A strike.")
    closing = stage.close_manifest()
    assert closing.manifest is None
    after = stage.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.NEEDS_PERSON, Reason.CARRIER_SUSPENDED)


@pytest.mark.parametrize("action", [Action.HOLD, Action.CANCEL])
def test_what_a_person_takes_out_of_a_closed_manifest_is_not_handed_over_with_it(
    stage: MailRoomStage, action: Action
) -> None:
    kept, taken_out = stage.gather(2)
    manifest = stage.close_manifest().manifest
    assert manifest is not None
    stage.resolve(taken_out.id, action, actor="clerk", reason="Asked by the Registry.")
    items = shown(stage.room.one(manifest.number), "items")
    assert [one["state"] for one in items] == ["listed", "withdrawn"]
    done = stage.hand_over(manifest.number, at=stage.clock.now(), signed=SIGNED, actor="clerk")
    assert done.taken == [kept.id]
    assert [one.delivery for one in done.left_out] == [taken_out.id]
    assert stage.delivery(taken_out.id).state in {DeliveryState.HELD, DeliveryState.CANCELLED}


def test_the_drivers_signature_hands_every_delivery_over_from_the_moment_they_took_it(stage: MailRoomStage) -> None:
    deliveries = stage.gather(2)
    manifest = stage.close_manifest().manifest
    assert manifest is not None
    taken_at = stage.clock.now() + HOUR
    stage.clock.move(3 * HOUR)
    done = stage.hand_over(manifest.number, at=taken_at, signed=SIGNED, actor="clerk")
    assert done.taken == [one.id for one in deliveries]
    for one in deliveries:
        after = stage.delivery(one.id)
        assert (after.state, after.settled) == (DeliveryState.HANDED_OVER, False)
        assert after.next_action_at == taken_at + dt.timedelta(days=10)  # evidence is overdue then
        (attempt,) = stage.attempts(one.id)
        assert (attempt.result, attempt.finished_at) == (ResultName.HANDED_OVER, taken_at)
        with stage.database.read() as tx:
            (receipt,) = tx.records.receipts_of([one.id])[one.id]
        assert (receipt.receipt.event, receipt.receipt.source) == ("RelayToNonERDS", "carrier")
        assert receipt.receipt.evidence == sha256(SIGNED) == done.manifest.evidence
    with stage.database.read() as tx:
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    kept = stage.vault.get(key, contexts.manifest(manifest.number), done.manifest.object_name or "")
    assert kept == SIGNED


def test_a_handover_is_recorded_once_with_a_picture_and_not_before_closing(stage: MailRoomStage) -> None:
    stage.gather()
    manifest = stage.close_manifest().manifest
    assert manifest is not None
    now = stage.clock.now()
    refusals: list[tuple[type[Problem], dict[str, Any]]] = [
        (NoSuchThing, {"number": "M20261120-077"}),
        (InputRefused, {"at": now - HOUR}),
        (InputRefused, {"at": now + HOUR}),
        (InputRefused, {"signed": b"It was signed."}),
        (InputRefused, {"signed": b"%PDF-" + bytes(20_000_000)}),
    ]
    before = stage.objects()
    for kind, change in refusals:
        asked: dict[str, Any] = {"number": manifest.number, "at": now, "signed": SIGNED, "actor": "clerk", **change}
        with pytest.raises(kind):
            stage.hand_over(**asked)
    stage.hand_over(manifest.number, at=now, signed=SIGNED, actor="clerk")
    with pytest.raises(Conflict) as again:
        stage.hand_over(manifest.number, at=now, signed=SIGNED, actor="clerk")
    assert again.value.code is Code.MANIFEST_HANDED_OVER
    assert stage.objects() == before + 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"seen": ["M20261120-002"], "stated": "It is ours."}, Code.MANIFEST_PAGE_OF_ANOTHER),
        ({"seen": ["M20261120-001", "M20261120-002"]}, Code.MANIFEST_PAGE_OF_ANOTHER),
        ({"seen": []}, Code.MANIFEST_PAGE_UNREAD),
        ({"counted": 1}, Code.MANIFEST_COUNT_DIFFERS),
        ({"counted": 3}, Code.MANIFEST_COUNT_DIFFERS),
    ],
)
def test_a_page_that_is_not_this_manifests_or_counts_otherwise_hands_nothing_over(
    stage: MailRoomStage, asked: dict[str, Any], code: Code
) -> None:
    deliveries = stage.gather(2)
    manifest = stage.close_manifest().manifest
    assert manifest is not None
    before, asked = stage.objects(), {"at": stage.clock.now(), "signed": SIGNED, "actor": "clerk", **asked}
    with pytest.raises(Conflict) as refused:
        stage.hand_over(manifest.number, **asked)
    assert refused.value.code is code
    assert stage.objects() == before
    assert {stage.delivery(one.id).state for one in deliveries} == {DeliveryState.BATCHED}


def test_what_no_machine_reads_or_was_counted_wrongly_is_handed_over_by_a_persons_word(stage: MailRoomStage) -> None:
    stage.gather(2)
    manifest = stage.close_manifest().manifest
    assert manifest is not None
    why = "The corner with the code is torn off; the clerk counted two."
    done = stage.hand_over(
        manifest.number, at=stage.clock.now(), signed=SIGNED, actor="clerk", seen=[], counted=3, stated=why
    )
    assert len(done.taken) == 2
    with stage.database.read() as tx:
        (event,) = tx.records.events_besides(EventName.MANIFEST_HANDED_OVER)
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert (event.facts["counted"], event.facts["taken"], event.facts["page_read"]) == (3, 2, False)
    assert stage.vault.open(key, contexts.reason(manifest.number), event.reason or b"").decode() == why


def test_regular_mail_is_deemed_received_by_the_day_on_which_the_driver_took_it(tmp_path: Path) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGULAR_MAIL)
    (delivery,) = stage.gather()
    manifest = stage.close_manifest().manifest
    assert manifest is not None
    stage.clock.move(dt.timedelta(days=3))
    stage.hand_over(manifest.number, at=stage.clock.now(), signed=SIGNED, actor="clerk")
    stage.settle(10)
    with stage.database.read() as tx:
        dispatch = tx.dispatches.get(delivery.dispatch)
        key = data_key(tx.registry, dispatch.data_key)
        receipts = tx.records.receipts_of([delivery.id])[delivery.id]
    after = stage.delivery(delivery.id)
    (service,) = stage.services.of(dispatch, after, stage.attempts(delivery.id), receipts, key)
    assert (service.method, service.deemed_at) == ("regular-mail", dt.date(2026, 11, 30))
    assert (after.settled, after.next_action_at) == (False, dt.datetime(2026, 12, 1, 5, tzinfo=dt.UTC))
    stage.clock.at = dt.datetime(2026, 12, 1, 6, tzinfo=dt.UTC)
    stage.settle(10)
    assert stage.delivery(delivery.id).settled
    stage.close()


def test_what_was_deemed_received_on_days_of_a_strike_that_was_told_late_is_not_until_its_days_have_passed(
    tmp_path: Path,
) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGULAR_MAIL)
    before = stage.gather()
    stage.hand_over(stage.close_items()[0].manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    stage.clock.move(dt.timedelta(days=7))
    during = stage.gather()
    stage.hand_over(stage.close_items()[0].manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    stage.clock.at = dt.datetime(2026, 12, 1, 6, tzinfo=dt.UTC)
    stage.settle(10)
    began = stage.clock.now() + dt.timedelta(days=1)
    stage.clock.at = dt.datetime(2026, 12, 9, 6, tzinfo=dt.UTC)
    stage.settle(10)
    assert stage.delivery(before[0].id).settled
    assert stage.delivery(during[0].id).settled

    stage.calendar.suspend(stage.service, began, actor="clerk", reason="A strike, told late.")
    stage.settle(10)
    assert stage.delivery(before[0].id).settled, "its day passed before the strike"
    again = stage.delivery(during[0].id)
    assert (again.settled, again.state) == (False, DeliveryState.HANDED_OVER)
    stage.calendar.restore(stage.service, actor="clerk", reason="It ended.")
    stage.clock.move(dt.timedelta(days=10))
    stage.settle(10)
    assert stage.delivery(during[0].id).settled
    stage.close()


def test_what_was_deemed_received_on_a_day_of_which_it_is_told_late_that_the_office_was_closed_is_not_until_the_next(
    tmp_path: Path,
) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGULAR_MAIL)
    friday, monday = stage.gather(), dt.date(2026, 11, 30)  # mailed on the 20th: the 27th is the seventh day
    stage.hand_over(stage.close_items()[0].manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    stage.clock.move(dt.timedelta(days=3))
    later = stage.gather()
    stage.hand_over(stage.close_items()[0].manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    stage.clock.at = dt.datetime(2026, 12, 1, 6, tzinfo=dt.UTC)  # one in the morning of Tuesday
    stage.settle(10)
    assert stage.delivery(friday[0].id).settled
    assert stage.delivery(later[0].id).settled
    elsewhere = stage.calendar.close(monday, "ottawa", actor="clerk", reason="A storm there.")
    assert stage.delivery(later[0].id).settled

    stage.calendar.close(monday, OFFICE, actor="clerk", reason="A storm, told the day after.")
    assert stage.delivery(friday[0].id).settled, "its day was before"
    again = stage.delivery(later[0].id)
    assert (again.settled, again.state) == (False, DeliveryState.HANDED_OVER)
    stage.settle(10)
    again = stage.delivery(later[0].id)
    assert (again.settled, again.next_action_at) == (False, dt.datetime(2026, 12, 2, 5, tzinfo=dt.UTC))
    with stage.database.read() as tx:
        acts = [one.facts.get("action") for one in tx.records.events(later[0].dispatch) if one.facts.get("action")]
    assert acts == ["office-closed"]
    closure = next(one for one in stage.calendar.closures() if one.id != elsewhere.id)
    stage.calendar.withdraw(closure.id, actor="clerk", reason="It was Ottawa alone.")
    stage.settle(10)
    assert stage.delivery(later[0].id).settled, "counted anew at once"
    stage.calendar.close(monday, OFFICE, actor="clerk", reason="It was Toronto too.")
    stage.clock.at = dt.datetime(2026, 12, 2, 6, tzinfo=dt.UTC)
    stage.settle(10)
    assert stage.delivery(later[0].id).settled
    with stage.database.read() as tx:
        dispatch = tx.dispatches.get(later[0].dispatch)
        key = data_key(tx.registry, dispatch.data_key)
        receipts = tx.records.receipts_of([later[0].id])[later[0].id]
    delivery = stage.delivery(later[0].id)
    (service,) = stage.services.of(dispatch, delivery, stage.attempts(delivery.id), receipts, key)
    assert service.deemed_at == dt.date(2026, 12, 1)
    stage.close()


def test_registered_items_get_numbers_of_the_assigned_ranges_and_none_twice_within_a_year(tmp_path: Path) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, "RN 47312481-47312482 CA", "RN 10000000-10000001 CA")
    stage.gather(3)
    assert [one.piece for one in stage.close_items()] == ["RN473124815CA", "RN473124829CA", "RN100000003CA"]
    stage.gather(2)
    with pytest.raises(Conflict) as exhausted:
        stage.close_manifest()
    assert exhausted.value.code is Code.MANIFEST_NUMBERS_EXHAUSTED
    assert (exhausted.value.facts["have"], exhausted.value.facts["need"]) == (1, 2)
    assert len(stage.waiting()) == 2
    terms, now = stage.terms[stage.service], stage.clock.now()
    with stage.database.write() as tx, pytest.raises(Conflict):  # the post took the first a fortnight after closing
        give_numbers(tx.manifests, terms.ranges, 2, now + dt.timedelta(days=14 + 365))
    next_year = now + dt.timedelta(days=31 * 13 + 1)
    with stage.database.write() as tx:
        again = give_numbers(tx.manifests, terms.ranges, 2, next_year)
    assert again == ["RN473124815CA", "RN473124829CA"]
    stage.close()


def test_ranges_with_numbers_in_common_give_each_number_once(tmp_path: Path) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, "RN 47312481-47312482 CA", "RN 47312482-47312484 CA")
    stage.gather(4)
    given = [one.piece for one in stage.close_items()]
    assert given == ["RN473124815CA", "RN473124829CA", "RN473124832CA", "RN473124846CA"]
    stage.close()


@pytest.mark.parametrize(("serial", "digit"), [(47312482, 9), (0, 5), (10000000, 3)])
def test_the_check_digit_of_an_item_number(serial: int, digit: int) -> None:
    assert check_digit(serial) == digit


@pytest.mark.parametrize("text", ["", "XX 1-2 CA", "RN 00000002-00000001 CA", "RN 1-2 CA", "RN 00000001-00000002"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="range"):
        NumberRange.parse(text)


def test_a_first_sheet_and_a_label_of_two_envelopes_are_told_apart(tmp_path: Path) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, "RN 47312481-47312489 CA")
    stage.gather(2)
    one, other = stage.close_items()
    check = CheckEnvelope(database=stage.database, clock=stage.clock)
    typed = " ".join(["s", one.reference[:4], one.reference[4:]])
    assert check(typed, f"{one.piece}\n", actor="clerk") == one
    assert check(one.piece or "", sheet_code(one.reference), actor="clerk") == one
    with pytest.raises(Conflict) as swapped:
        check(sheet_code(one.reference), other.piece or "", actor="clerk")
    assert swapped.value.code is Code.MANIFEST_ENVELOPE_SWAPPED
    with pytest.raises(NoSuchThing):
        check(sheet_code(one.reference), "RN999999999CA", actor="clerk")
    stage.resolve(one.delivery, Action.HOLD, actor="clerk", reason="Asked by the Registry.")
    with pytest.raises(Conflict) as withdrawn:
        check(sheet_code(one.reference), one.piece or "", actor="clerk")
    assert withdrawn.value.code is Code.MANIFEST_ITEM_WITHDRAWN
    stage.close()


def test_one_side_scanned_twice_is_no_check(stage: MailRoomStage) -> None:
    stage.gather()
    (item,) = stage.close_items()
    check = CheckEnvelope(database=stage.database, clock=stage.clock)
    assert item.piece == item.reference, "the label of a courier bears our own reference"
    for twice in (item.reference, sheet_code(item.reference)):
        with pytest.raises(Conflict) as refused:
            check(twice, twice, actor="clerk")
        assert refused.value.code is Code.MANIFEST_ONE_SIDE
    for unread in (("not a code", item.reference), (item.reference, "not a code")):
        with pytest.raises(NoSuchThing) as unknown:
            check(*unread, actor="clerk")
        assert unknown.value.code is Code.MANIFEST_CODE_UNKNOWN
    assert check(sheet_code(item.reference), item.reference, actor="clerk") == item


def test_the_files_of_a_manifest_are_the_same_again_and_leave_out_what_was_taken_out(stage: MailRoomStage) -> None:
    stage.gather(2)
    kept, taken_out = stage.close_items()
    files = {one.name: one.content for one in stage.files(kept.manifest or "", Language.EN)}
    assert files == {one.name: one.content for one in stage.files(kept.manifest or "", Language.EN)}
    assert list(files) == [
        f"M20261120-001{end}" for end in (".pdf", ".csv", ".json", "-labels-01.pdf", "-0001.pdf", "-0002.pdf")
    ]
    assert kept.reference.encode() in files["M20261120-001-0001.pdf"]
    told = json.loads(files["M20261120-001.json"])
    assert [(one["piece"], one["to"], one["postal_code"], one["sheets"]) for one in told["items"]] == [
        (item.reference, ["Hearings", "CBSA"], "H3Z 2Y7", 2) for item in (kept, taken_out)
    ]
    rows = list(csv.DictReader(io.StringIO(files["M20261120-001.csv"].decode())))
    assert [(row["piece"], row["to_1"], row["line_1"], row["municipality"]) for row in rows] == [
        (item.reference, "Hearings", "10-123 rue Principale", "Montréal") for item in (kept, taken_out)
    ]
    stage.resolve(taken_out.delivery, Action.CANCEL, actor="clerk", reason="Asked by the Registry.")
    after = {one.name: one.content for one in stage.files(kept.manifest or "", Language.EN)}
    assert "M20261120-001-0002.pdf" not in after
    assert len(json.loads(after["M20261120-001.json"])["items"]) == 1
    assert "Taken out" in text_of(after["M20261120-001.pdf"])
    assert "Hearings" not in text_of(after["M20261120-001.pdf"])


def test_a_large_batch_is_closed_some_items_at_a_time_and_signed_for_once(
    stage: MailRoomStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SOME", 2)
    monkeypatch.setattr(files, "LINES", 2)
    deliveries = stage.gather(5)
    listed = stage.close_items()
    assert [one.delivery for one in listed] == [one.id for one in deliveries]
    made = {one.name: one.content for one in stage.files("M20261120-001", Language.EN)}
    papers = [name for name in made if name.startswith("M20261120-001") and "lines" in name]
    assert papers == ["M20261120-001-lines-0003.pdf", "M20261120-001-lines-0005.pdf"]
    signed, further = text_of(made["M20261120-001.pdf"]), text_of(made[papers[0]])
    assert "1 to 2 of 5" in signed
    assert "3 to 4 of 5" in further
    assert "Signature" in signed
    assert "Signature" not in further
    assert len(json.loads(made["M20261120-001.json"])["items"]) == 5
    assert "M20261120-001-0005.pdf" in made


def test_an_office_without_a_senders_lines_has_no_labels(stage: MailRoomStage) -> None:
    stage.gather()
    (item,) = stage.close_items()
    stage.terms[stage.service] = replace(stage.terms[stage.service], return_to={})
    with pytest.raises(SetupWrong) as wrong:
        list(stage.files(item.manifest or "", Language.EN))
    assert wrong.value.where == "channels.courier.return_to.toronto"


def test_what_lies_for_days_in_the_mail_room_is_seen(stage: MailRoomStage) -> None:
    stage.gather()
    gathered = stage.clock.now()
    assert stage.room.lying(since=gathered).items == 0
    assert stage.room.lying(since=gathered + HOUR).items == 1
    manifest = stage.close_manifest().manifest
    assert manifest is not None
    lying = stage.room.lying(since=gathered + HOUR)
    assert (lying.items, lying.unsigned) == (0, [manifest.number])
    stage.hand_over(manifest.number, at=stage.clock.now(), signed=SIGNED, actor="clerk")
    assert stage.room.lying(since=gathered + HOUR).unsigned == []


def test_what_is_gathered_once_more_bears_another_code_so_that_an_old_envelope_is_known(stage: MailRoomStage) -> None:
    (delivery,) = stage.gather()
    (old,) = stage.close_items()
    stage.resolve(delivery.id, Action.HOLD, actor="clerk", reason="Asked by the Registry.")
    stage.resolve(delivery.id, Action.RELEASE, actor="clerk", reason="It may go.")
    for step, work in ((Step.PLAN, stage.plan), (Step.RENDER, stage.render)):
        (claimed,) = stage.steps.claim(step, 10)
        work(claimed)
    stage.deliver()
    (new,) = stage.close_items()
    assert (new.delivery, new.manifest != old.manifest) == (delivery.id, True)
    assert new.reference != old.reference
    check = CheckEnvelope(database=stage.database, clock=stage.clock)
    assert check(sheet_code(new.reference), new.piece or "", actor="clerk") == new
    with pytest.raises(Conflict):
        check(sheet_code(old.reference), new.piece or "", actor="clerk")
    with pytest.raises(Conflict):
        check(sheet_code(old.reference), old.piece or "", actor="clerk")
