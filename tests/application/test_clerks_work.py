"""Connect by a clerk's hand: laid out whole and once, handed over when they prove it, and then gone from here."""

import asyncio
import email
import email.policy
import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.secure_upload.connect import CHECKLIST, MESSAGE, board_name
from gateway.application import contexts
from gateway.application.acts.acting import Act, AskedAct
from gateway.application.exchange.clerks_work import Upload
from gateway.application.papers.packets import PrintPacket
from gateway.application.people.own_offices import OwnOffices
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState, ResultName, needs_person
from gateway.domain.digest import sha256
from gateway.domain.parties import ExchangeKind, RecipientChannel
from gateway.domain.problem import Conflict, InputRefused, ServiceDown, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.receipt import BY_A_PERSON, ReceiptEvent
from gateway.ports.exchange import PaperToLeave
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.application.stage import LEASE

SHOWN = Upload(conversation="CONV-0815", proof=b"\x89PNG what Connect showed")
WHY = "uploaded"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def laid_out(on: Exchanged) -> Delivery:
    on.recipients(way=RecipientChannel(type="secure-upload", account=ACCOUNT, exchange=ExchangeKind.CONNECT))
    delivery = on.planned_and_rendered()
    on.deliver()
    return on.delivery(delivery.id)


def folder_of(on: Exchanged) -> Path:
    (reference,) = on.clerks_folder.all()
    return on.folder / "connect" / reference


def test_it_is_laid_out_for_a_clerk_and_nothing_is_handed_over(on: Exchanged) -> None:
    delivery = laid_out(on)
    assert (delivery.state, needs_person(delivery)) == (DeliveryState.AWAITING_PERSON, True)
    (attempt,) = on.attempts(delivery.id)
    assert attempt.result is ResultName.GIVEN_TO_PERSON
    with on.database.read() as tx:
        assert tx.records.receipts_of([delivery.id]).get(delivery.id, ()) in ((), [])
    place = folder_of(on)
    assert sorted(one.name for one in place.iterdir()) == sorted(["papers.pdf", MESSAGE, CHECKLIST])
    assert stat.S_IMODE(place.stat().st_mode) == stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in place.iterdir()} == {0o600}
    paper = (place / "papers.pdf").read_bytes()
    assert sha256(paper).removeprefix("sha256:") in (place / CHECKLIST).read_text()


def test_the_texts_name_nobody_and_nothing_and_speak_to_each_in_their_language(on: Exchanged) -> None:
    laid_out(on)
    place = folder_of(on)
    message, checklist = (place / MESSAGE).read_text(), (place / CHECKLIST).read_text()
    assert message.startswith("The Registry of the Immigration and Refugee Board")
    assert "QUE FAIRE DE CE DOSSIER" in checklist
    assert "WHAT TO DO WITH THIS FOLDER" in checklist
    assert re.search(r"1 GB.*20 GB", checklist)
    for secret in ("TC6", "12345", "RPD", "Hearings", "reject", "Exemple"):
        assert secret not in message + checklist


def test_documents_bear_names_by_the_boards_convention() -> None:
    assert board_name("TB1-12345_RPD_Decision_2026-11-20.pdf") == "TB1-12345 – RPD – Decision – 2026-11-20.pdf"


def test_a_clerk_confirms_with_what_connect_showed_and_the_folder_is_gone(on: Exchanged) -> None:
    delivery = laid_out(on)
    after = on.confirm_upload(delivery.id, SHOWN, actor="clerk", reason=WHY)
    assert (after.state, after.settled) == (DeliveryState.HANDED_OVER, False), "that it lies there proves no taking"
    assert after.next_action_at is not None
    assert on.clerks_folder.all() == []
    with on.database.read() as tx:
        (receipt,) = tx.records.receipts_of([delivery.id])[delivery.id]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert (receipt.receipt.event, receipt.receipt.source) == (ReceiptEvent.CONTENT_CONSIGNMENT, BY_A_PERSON)
    assert receipt.object_name is not None
    raw = on.vault.get(key, contexts.service_record(receipt.id), receipt.object_name)
    assert sha256(raw) == receipt.receipt.evidence
    kept = email.message_from_bytes(raw, policy=email.policy.default)
    told = json.loads(kept.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    (proof,) = kept.iter_attachments()
    assert (told["conversation"], told["confirmed_by"]) == (SHOWN.conversation, "clerk")
    assert proof.get_content() == SHOWN.proof
    (attempt,) = on.attempts(delivery.id)
    assert (attempt.result, told["sent"]) == (ResultName.HANDED_OVER, attempt.sent_digest)
    on.settle(10)
    assert on.delivery(delivery.id).settled is False
    with pytest.raises(Conflict):
        on.confirm_upload(delivery.id, SHOWN, actor="clerk", reason=WHY)


def test_a_clerks_word_alone_is_not_enough(on: Exchanged) -> None:
    delivery = laid_out(on)
    act = Act(
        resolve=on.resolve,
        reroute=on.reroute,
        override=on.override,
        readdress=on.readdress,
        record_service=on.record_service,
        record_receipt=on.record_receipt,
        own_offices=OwnOffices(on.database),
        confirm_upload=on.confirm_upload,
    )
    for missing in ({}, {"conversation": "c"}, {"proof": b"p"}, {"conversation": " ", "proof": b"p"}):
        with pytest.raises(InputRefused):
            act(delivery.id, AskedAct(action=Action.CONFIRM_SENT, reason=WHY, **missing), actor="clerk")
    with pytest.raises(InputRefused):
        on.confirm_upload(delivery.id, SHOWN, actor="clerk", reason=" ")
    for action in (Action.RETRY, Action.CANCEL, Action.HOLD, Action.RELEASE):
        with pytest.raises(Conflict):
            act(delivery.id, AskedAct(action=action, reason=WHY), actor="clerk")
    assert on.delivery(delivery.id).state is DeliveryState.AWAITING_PERSON
    assert len(on.clerks_folder.all()) == 1, "a refusal destroys nothing"


def test_what_was_not_uploaded_is_a_persons_to_decide_and_no_longer_lies_there(on: Exchanged) -> None:
    delivery = laid_out(on)
    after = on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="the conversation is closed")
    assert after.state is DeliveryState.NEEDS_PERSON
    assert (on.clear(10), on.clerks_folder.all()) == (1, [])


def test_what_a_clerk_still_needs_is_never_cleared(on: Exchanged) -> None:
    laid_out(on)
    assert (on.clear(10), len(on.clerks_folder.all())) == (0, 1)


def test_a_recall_takes_it_from_the_clerk_and_waits_for_what_they_say(on: Exchanged) -> None:
    delivery = laid_out(on)
    on.recall(delivery.dispatch, actor="head", reason="wrong counsel")
    assert on.delivery(delivery.id).state is DeliveryState.AWAITING_PERSON, "it may have been uploaded"
    assert on.clear(10) == 1
    after = on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="stopped in time")
    assert after.state is DeliveryState.RECALLED


def test_a_crash_between_laying_out_and_recording_leaves_nothing_twice(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies with the folder written: it is unconfirmed, looked up, laid out again where it lies already."""
    on.recipients(way=RecipientChannel(type="secure-upload", account=ACCOUNT, exchange=ExchangeKind.CONNECT))
    delivery = on.planned_and_rendered()

    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(on.make, "_record", dies)
        with pytest.raises(KeyboardInterrupt):
            on.deliver()
    (before,) = on.clerks_folder.all()
    on.clock.move(LEASE)
    on.reconcile(10)
    assert on.delivery(delivery.id).state is DeliveryState.UNCONFIRMED
    assert on.clear(10) == 0
    on.clock.move(on.retry_policy.report)
    on.unconfirmed(10)
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.AWAITING_PERSON
    assert on.clerks_folder.all() == [before]


def test_a_folder_is_whole_or_not_there(on: Exchanged, monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [PaperToLeave(name=f"{n}.pdf", media_type="application/pdf", content=b"paper") for n in range(3)]
    with monkeypatch.context() as full:
        full.setattr("os.fsync", _full)
        with pytest.raises(ServiceDown) as refused:
            asyncio.run(on.clerks_folder.lay_out("r1", papers))
    assert refused.value.code is Code.STORAGE_UNAVAILABLE
    assert (on.clerks_folder.all(), list((on.folder / "connect").iterdir())) == ([], [])
    (on.folder / "connect").rmdir()
    (on.folder / "connect").write_text("a file stands in the way")
    with pytest.raises(SetupWrong):
        asyncio.run(on.clerks_folder.lay_out("r1", papers))


def _full(_: int) -> None:
    raise OSError(28, "No space left on device")


def moved(on: Exchanged) -> int:
    """The Registry says that the recipient is reached elsewhere now; how many deliveries that stopped."""
    said = {
        "schema": "file-parties/1",
        "division": "RPD",
        "sequence": 1,
        "effective_at": on.clock.now().isoformat(),
        "source": "NOVA",
        "changes": [{"participant": "m1", "contact": {"email": "marguerite@mail.example"}}],
    }
    return on.parties.receive("TC6-12345", json.dumps(said).encode(), actor="nova").stopped


def test_who_has_it_in_hand_is_told_that_the_recipient_moved_and_what_lies_there_is_destroyed(on: Exchanged) -> None:
    delivery = laid_out(on)
    assert moved(on) == 1
    stands = on.delivery(delivery.id)
    assert (stands.state, stands.reason) == (DeliveryState.AWAITING_PERSON, Reason.ADDRESS_CHANGED)
    assert (on.clear(10), on.clerks_folder.all()) == (1, [])
    assert moved(on) == 0  # it is told once
    after = on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="stopped in time")
    assert after.state is DeliveryState.NEEDS_PERSON


def test_a_packet_is_printed_no_more_once_the_recipient_moved(on: Exchanged, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = laid_out(on)
    (attempt,) = on.attempts(delivery.id)
    monkeypatch.setattr("gateway.application.papers.packets.in_hand", lambda *_: attempt)
    packet = PrintPacket(database=on.database, vault=on.vault, clock=on.clock)
    assert packet(delivery.id, actor="clerk")
    moved(on)
    with pytest.raises(Conflict) as refused:
        packet(delivery.id, actor="clerk")
    assert refused.value.code is Code.DELIVERY_ACTION_NOT_POSSIBLE
