"""Scans taken in: each moves its delivery once or waits for a person; a code that is not known moves nothing."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.evidence.proof_drawing import Given
from gateway.application.mail_room.scans import ImportedScans, MatchLateScans
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState, ResultName, needs_person
from gateway.domain.digest import sha256
from gateway.domain.events import EventName
from gateway.domain.manifest import BatchedItem
from gateway.domain.parties import ChannelName
from gateway.domain.problem import InputRefused
from gateway.domain.proof import ProofKind
from gateway.domain.reasons import Reason
from gateway.domain.scan import ScanFault
from gateway.ports.incoming import Handling, Incoming
from gateway.ports.records import ReceiptRecord
from tests.application.exporting import desk, exported
from tests.application.mail_room import SIGNED, MailRoomStage
from tests.channels.scan_samples import PIN, SIGNATORY, carrier_list, mail_room_list, tracking_detail

HOUR = dt.timedelta(hours=1)
RANGE = "RN 47312481-47312499 CA"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[MailRoomStage]:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, RANGE)
    yield stage
    stage.close()


def listed(stage: MailRoomStage, count: int = 1) -> list[BatchedItem]:
    """Items on a closed manifest, an hour ago."""
    stage.gather(count)
    items = list(stage.close_items())
    stage.clock.move(HOUR)
    return items


def handed_over(stage: MailRoomStage, count: int = 1) -> list[BatchedItem]:
    """The same, taken by the driver, and two days gone by."""
    items = listed(stage, count)
    stage.hand_over(items[0].manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    stage.clock.move(48 * HOUR)
    return items


def scanned(stage: MailRoomStage, *rows: tuple[BatchedItem | str, str], signed: str = "") -> ImportedScans:
    """Takes in a carrier's list of these, seen an hour ago and each a minute after the one before."""
    told = []
    for minute, (item, code) in enumerate(rows):
        at = (stage.clock.now() - HOUR + dt.timedelta(minutes=minute)).isoformat()
        told.append([item if isinstance(item, str) else item.piece or "", code, at, signed])
    return stage.import_scans(carrier_list(*told), actor="clerk")


def receipts(stage: MailRoomStage, delivery: str) -> list[ReceiptRecord]:
    with stage.database.read() as tx:
        return list(tx.records.receipts_of([delivery])[delivery])


def kept(stage: MailRoomStage, imported: ImportedScans) -> Incoming:
    with stage.database.read() as tx:
        return tx.incoming.get(imported.receipt)


def after(stage: MailRoomStage, item: BatchedItem) -> Delivery:
    return stage.delivery(item.delivery)


def test_the_carriers_induction_scan_hands_the_envelope_over_and_the_drivers_signature_adds_to_it(
    stage: MailRoomStage,
) -> None:
    first, second = listed(stage, 2)
    at = stage.clock.now() - dt.timedelta(minutes=20)
    raw = mail_room_list([first.piece or "", "inducted", at.isoformat()])
    done = stage.import_scans(raw, actor="clerk")
    assert (done.scans, done.new.total(), done.faulty) == (1, 1, [])
    assert after(stage, first).state is DeliveryState.HANDED_OVER
    assert after(stage, second).state is DeliveryState.BATCHED
    (attempt,) = stage.attempts(first.delivery)
    assert (attempt.result, attempt.finished_at) == (ResultName.HANDED_OVER, at)
    handover = stage.hand_over(first.manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    assert (list(handover.taken), handover.left_out) == ([first.delivery, second.delivery], [])
    assert stage.attempts(first.delivery)[0].finished_at == at, "what the carrier scanned stands"


def test_a_signature_is_received_when_the_carrier_says_and_settles_registered_mail(stage: MailRoomStage) -> None:
    (item,) = handed_over(stage)
    at = stage.clock.now() - HOUR
    scanned(stage, (item, "1408"), signed=SIGNATORY)
    assert after(stage, item).state is DeliveryState.DELIVERED
    stage.settle(10)
    assert after(stage, item).settled
    last = receipts(stage, item.delivery)[-1].receipt
    assert (last.event, last.at, last.source) == ("ContentConsignment", at, "canada-post")
    with stage.database.read() as tx:
        dispatch = tx.dispatches.get(item.dispatch)
        key = data_key(tx.registry, dispatch.data_key)
        (scan,) = tx.scans.find(delivery=item.delivery, limit=9)
        evidence_key = data_key(tx.registry, contexts.evidence_key(dispatch.id))
    extract = stage.vault.open(evidence_key, contexts.scan(scan.digest), scan.extract)
    assert SIGNATORY.encode() in extract
    assert sha256(extract) == last.evidence
    found = receipts(stage, item.delivery)
    (service,) = stage.services.of(dispatch, after(stage, item), stage.attempts(item.delivery), found, key)
    assert (service.received_at, service.basis) == (at, "evidence")


def test_the_file_is_kept_whole_and_sealed_under_its_digest(stage: MailRoomStage) -> None:
    (item,) = handed_over(stage)
    raw = carrier_list([item.piece or "", "0100", stage.clock.now().isoformat()])
    incoming = kept(stage, stage.import_scans(raw, actor="clerk"))
    assert (incoming.digest, incoming.handling, incoming.next_action_at) == (sha256(raw), Handling.MATCHED, None)
    with stage.database.read() as tx:
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert stage.vault.get(key, contexts.incoming(incoming.id), incoming.object_name) == raw


@pytest.mark.parametrize(
    ("code", "state", "reason", "calls"),
    [
        ("0174", DeliveryState.HANDED_OVER, None, False),
        ("never heard of", DeliveryState.HANDED_OVER, None, False),
        ("1408", DeliveryState.HANDED_OVER, Reason.MAIL_UNSIGNED, True),
        ("1479", DeliveryState.HANDED_OVER, Reason.MAIL_HELD, True),
        ("1417", DeliveryState.FAILED, Reason.MAIL_REFUSED, True),
        ("1416", DeliveryState.FAILED, Reason.MAIL_UNDELIVERABLE, True),
        ("2600", DeliveryState.FAILED, Reason.MAIL_RETURNED, True),
    ],
)
def test_each_scan_moves_its_delivery_or_calls_a_person(
    stage: MailRoomStage, code: str, state: DeliveryState, reason: Reason | None, calls: bool
) -> None:
    (item,) = handed_over(stage)
    scanned(stage, (item, code))
    stands = after(stage, item)
    assert (stands.state, stands.reason, needs_person(stands)) == (state, reason, calls)
    stage.settle(10)
    assert not after(stage, item).settled


def test_an_attempt_at_the_door_is_told_and_calls_nobody_until_evidence_is_overdue(stage: MailRoomStage) -> None:
    (item,) = handed_over(stage)
    at = (stage.clock.now() - HOUR).isoformat()
    stage.import_scans(mail_room_list([item.piece or "", "attempted", at]), actor="clerk")
    assert (after(stage, item).reason, needs_person(after(stage, item))) == (Reason.MAIL_ATTEMPTED, False)
    stage.clock.move(11 * 24 * HOUR)
    stage.settle(10)
    assert after(stage, item).reason is Reason.RECEIPT_OVERDUE
    scanned(stage, (item, "1479"))
    stage.clock.move(24 * HOUR)
    stage.settle(10)
    assert after(stage, item).reason is Reason.MAIL_HELD, "what is known of it is told rather than that it is late"


def test_the_same_file_and_the_same_scan_twice_change_nothing(stage: MailRoomStage) -> None:
    (item,) = handed_over(stage)
    now = stage.clock.now()
    rows = [
        [item.piece or "", "0100", (now - 2 * HOUR).isoformat()],
        [item.piece or "", "1479", (now - HOUR).isoformat()],
    ]
    first = stage.import_scans(carrier_list(*rows), actor="clerk")
    stands, evidence, objects = after(stage, item), receipts(stage, item.delivery), stage.objects()
    again = stage.import_scans(carrier_list(*rows), actor="clerk")
    assert (again.receipt, again.new.total(), again.repeats) == (first.receipt, 0, 2)
    overlap = stage.import_scans(carrier_list(*reversed(rows), rows[0]), actor="clerk")
    assert (overlap.new.total(), overlap.repeats) == (0, 3)
    assert (after(stage, item), receipts(stage, item.delivery)) == (stands, evidence)
    assert stage.objects() == objects + 1, "the other file is kept, the same one was not kept twice"


def test_what_came_back_stays_so_when_it_is_then_handed_to_its_sender(stage: MailRoomStage) -> None:
    (item,) = handed_over(stage)
    scanned(stage, (item, "2600"), (item, "1408"), signed="REGISTRY")
    assert (after(stage, item).state, after(stage, item).reason) == (DeliveryState.FAILED, Reason.MAIL_RETURNED)


def test_a_late_return_reopens_what_was_settled(stage: MailRoomStage) -> None:
    (item,) = handed_over(stage)
    scanned(stage, (item, "1408"), signed=SIGNATORY)
    stage.settle(10)
    stage.clock.move(24 * HOUR)
    scanned(stage, (item, "1415"))
    assert (after(stage, item).state, after(stage, item).settled) == (DeliveryState.FAILED, False)


def test_a_confirmation_sealed_before_the_mail_came_back_lies_apart_in_the_evidence_with_what_came_since(
    stage: MailRoomStage,
) -> None:
    (item,) = handed_over(stage)
    scanned(stage, (item, "1408"), signed=SIGNATORY)
    made = desk(stage).make(item.dispatch, "m1", Given(), officer=None, actor="clerk")
    assert [one.kind for one in made.papers] == [ProofKind.CONFIRMATION]
    before = exported(stage, item.dispatch)
    name = "confirmation-of-receipt-01.pdf"
    (index,) = json.loads(before["evidence.json"])["papers"]
    assert (index["file"], index["stands"], index["came_since"]) == (f"papers/{name}", True, [])
    stage.clock.move(24 * HOUR)
    scanned(stage, (item, "1415"))
    (listed,) = desk(stage).listed(item.delivery)
    assert (listed.paper.id, listed.stands) == (made.papers[0].id, False)
    members = exported(stage, item.dispatch)
    assert members[f"papers/superseded/{name}"] == before[f"papers/{name}"]
    assert f"papers/{name}" not in members
    (index,) = json.loads(members["evidence.json"])["papers"]
    assert (index["file"], index["stands"]) == (f"papers/superseded/{name}", False)
    assert [one["event"] for one in index["came_since"]] == ["RelayToNonERDSFailure"]
    for readme in ("README.en.txt", "README.fr.txt"):
        assert "papers/superseded/" in members[readme].decode()


def test_a_scan_for_no_item_waits_for_a_person_and_finds_its_item_once_the_mail_room_tells_the_number(
    stage: MailRoomStage,
) -> None:
    (item,) = handed_over(stage)
    at = stage.clock.now() - HOUR
    detail = tracking_detail(["20", f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", "UTC", SIGNATORY])
    done = stage.import_scans(detail, actor="clerk")
    (lost,) = done.faulty
    assert (lost.item, lost.fault, lost.delivery) == (PIN, ScanFault.NO_ITEM, None)
    assert kept(stage, done).handling is Handling.FOR_PERSON
    assert stage.import_scans(detail, actor="clerk").new.total() == 0
    told = mail_room_list([item.reference, "inducted", (at - 40 * HOUR).isoformat(), PIN])
    assert stage.import_scans(told, actor="clerk").faulty == []
    assert kept(stage, done).handling is Handling.MATCHED
    assert after(stage, item).state is DeliveryState.DELIVERED
    assert stage.import_scans(detail, actor="clerk").new.total() == 0


def test_a_number_of_the_carriers_belongs_to_one_envelope(stage: MailRoomStage) -> None:
    first, second = handed_over(stage, 2)
    at = (stage.clock.now() - HOUR).isoformat()
    once = [first.reference, "in-transit", at, PIN]
    done = stage.import_scans(mail_room_list(once, [second.reference, "in-transit", at, PIN]), actor="clerk")
    assert [(one.item, one.fault) for one in done.faulty] == [(second.reference, ScanFault.NUMBER_TAKEN)]
    other = stage.import_scans(mail_room_list([first.reference, "in-transit", at, "9" * 16]), actor="clerk")
    assert [one.fault for one in other.faulty] == [ScanFault.NUMBER_TAKEN]
    late = stage.import_scans(mail_room_list([second.reference, "held", at, PIN]), actor="clerk")
    assert [one.fault for one in late.faulty] == [ScanFault.NUMBER_TAKEN]
    assert after(stage, second).reason is None, "what contradicts moves nothing"


def test_a_scan_that_is_dated_after_it_was_told_moves_nothing(stage: MailRoomStage) -> None:
    (item,) = handed_over(stage)
    soon, far = stage.clock.now() + 5 * HOUR, stage.clock.now() + 7 * HOUR
    done = stage.import_scans(carrier_list([item.piece or "", "1408", far.isoformat(), SIGNATORY]), actor="clerk")
    assert [one.fault for one in done.faulty] == [ScanFault.TOO_LATE]
    assert after(stage, item).state is DeliveryState.HANDED_OVER
    stage.import_scans(carrier_list([item.piece or "", "1408", soon.isoformat(), SIGNATORY]), actor="clerk")
    assert receipts(stage, item.delivery)[-1].receipt.at == stage.clock.now(), (
        "a clock that is ahead dates nothing later"
    )


def test_an_envelope_that_a_person_took_out_and_the_carrier_has_all_the_same_is_told(stage: MailRoomStage) -> None:
    (item,) = listed(stage)
    stage.resolve(item.delivery, Action.CANCEL, actor="clerk", reason="Asked by the Registry.")
    done = scanned(stage, (item, "0100"))
    assert [(one.fault, one.delivery) for one in done.faulty] == [(ScanFault.OLD_ENVELOPE, item.delivery)]
    assert after(stage, item).state is DeliveryState.CANCELLED


def test_what_the_carrier_has_without_a_manifest_goes_on_none(stage: MailRoomStage) -> None:
    (delivery,) = stage.gather()
    (item,) = stage.waiting()
    stage.clock.move(2 * HOUR)
    done = scanned(stage, (item.reference, "0100"))
    assert [one.fault for one in done.faulty] == [ScanFault.OLD_ENVELOPE]
    assert stage.delivery(delivery.id).state is DeliveryState.NEEDS_PERSON
    assert stage.delivery(delivery.id).reason is Reason.SHOWN_SENT


def test_scans_of_a_former_envelope_are_its_evidence_and_do_not_move_the_one_that_followed(
    stage: MailRoomStage,
) -> None:
    (former,) = handed_over(stage)
    scanned(stage, (former, "2600"))
    stage.resolve(former.delivery, Action.RETRY, actor="clerk", reason="The address is right: sent once more.")
    stage.deliver()
    (new,) = stage.close_items(late=True)
    stage.hand_over(new.manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    stage.clock.move(24 * HOUR)
    assert (new.delivery, new.piece == former.piece) == (former.delivery, False)
    assert scanned(stage, (former, "1420")).faulty == []
    assert after(stage, new).state is DeliveryState.HANDED_OVER
    late = scanned(stage, (former, "1408"), signed=SIGNATORY)
    assert [one.fault for one in late.faulty] == [ScanFault.OLD_ENVELOPE]
    assert after(stage, new).state is DeliveryState.HANDED_OVER
    assert receipts(stage, new.delivery)[-1].attempt == former.attempt


def test_regular_mail_is_settled_by_deeming_and_not_by_a_scan_and_comes_back_all_the_same(tmp_path: Path) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGULAR_MAIL)
    (item,) = handed_over(stage)
    scanned(stage, (item, "1421"))
    stage.settle(10)
    assert (after(stage, item).reason, after(stage, item).settled) == (None, False)
    stage.clock.move(14 * 24 * HOUR)
    stage.settle(10)
    assert after(stage, item).settled
    stage.import_scans(mail_room_list([item.reference, "returned", stage.clock.now().isoformat()]), actor="clerk")
    assert (after(stage, item).state, after(stage, item).reason) == (DeliveryState.FAILED, Reason.MAIL_RETURNED)
    stage.close()


def test_what_is_no_file_of_scans_is_refused_and_nothing_of_it_is_kept(stage: MailRoomStage) -> None:
    before = stage.objects()
    refusals = [
        (b"item;event;at\n", Code.SCANS_FILE_UNKNOWN),
        (mail_room_list(["RN473124815CA", "seen", "today"]), Code.SCANS_FILE_INVALID),
        (b"x" * 50_000_001, Code.RECEIPT_TOO_LARGE),
    ]
    for raw, code in refusals:
        with pytest.raises(InputRefused) as refused:
            stage.import_scans(raw, actor="clerk")
        assert refused.value.code is code
    assert stage.objects() == before


def test_what_breaks_off_in_between_is_taken_in_again_and_each_scan_counts_once(
    stage: MailRoomStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = handed_over(stage, 9)
    rows = [[one.piece or "", "1479", (stage.clock.now() - HOUR).isoformat()] for one in items]
    monkeypatch.setattr("gateway.application.mail_room.scans._AT_A_TIME", 4)
    seen: list[None] = []

    def breaks_off() -> None:
        seen.append(None)
        if len(seen) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage.import_scans(carrier_list(*rows), actor="clerk", seen=breaks_off)
    done = stage.import_scans(carrier_list(*rows), actor="clerk")
    assert (done.new.total(), done.repeats) == (1, 8)
    assert {after(stage, one).reason for one in items} == {Reason.MAIL_HELD}
    with stage.database.read() as tx:
        events = [one for item in items for one in tx.records.events(item.dispatch)]
    assert sum(one.name is EventName.RECEIPT_RECORDED for one in events) == 9


def test_a_number_that_the_carriers_own_service_gave_matches_what_was_scanned_before(stage: MailRoomStage) -> None:
    (item,) = handed_over(stage)
    at = (stage.clock.now() - HOUR).isoformat()
    stage.import_scans(carrier_list([PIN, "1408", at, SIGNATORY]), actor="clerk")
    look = MatchLateScans(database=stage.database, scans=stage.import_scans, clock=stage.clock)
    assert look(9) == 0
    with stage.database.write() as tx:
        tx.manifests.track(item.attempt, PIN)
    assert look(9) == 0, "it looked a moment ago"
    stage.clock.move(HOUR)
    assert look(9) == 1
    assert after(stage, item).state is DeliveryState.DELIVERED
    stage.clock.move(HOUR)
    assert look(9) == 0
