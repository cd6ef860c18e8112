"""The papers of proof: which one a delivery gets, who may sign it, and that what is signed is what was read."""

import datetime as dt
import io
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import page
import pytest
from pypdf import PdfReader

from gateway.application import contexts
from gateway.application.acts.service_record import HandService
from gateway.application.acts.told_receipt import ToldReceipt
from gateway.application.evidence.proof_drawing import Given
from gateway.application.sealed import data_key
from gateway.domain.closing import Basis
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.events import EventName
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict, NotAllowed
from gateway.domain.proof import ProofKind, ProofNeeds, proof_of
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.service import Service
from gateway.ports.records import ReceiptRecord
from tests.application.exporting import desk, exported, paper_text
from tests.application.stage import START, Stage
from tests.contracts.fake_channel import FakeChannel
from tests.real import need

MARIE = Given(name="Marie Tremblay", title="Registry officer")
WHY = replace(MARIE, explanation="The courier lost the signed slip.")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


def sent(on: Stage) -> Delivery:
    """Sent by e-mail."""
    delivery = on.ready()
    on.deliver()
    on.clock.move(dt.timedelta(minutes=1))
    return delivery


def by_hand(on: Stage) -> Delivery:
    """Handed over at the counter by `clerk`, and nothing else."""
    delivery = on.ready()
    told = HandService(at=on.clock.now(), place="Ottawa", handed_to="Claire Tremblay", proof=b"scan")
    on.record_service(delivery.id, told, actor="clerk", reason="she came to the counter")
    return delivery


def taken(on: Stage, delivery: Delivery) -> None:
    """The recipient's signed receipt came back."""
    with on.database.write() as tx:
        (attempt,) = tx.deliveries.attempts(delivery.id)
        receipt = Receipt(
            event=ReceiptEvent.CONTENT_HANDOVER, at=on.clock.now(), source="mail", evidence="sha256:" + "ab" * 32
        )
        record = ReceiptRecord(
            id="r1", delivery=delivery.id, attempt=attempt.id, receipt=receipt, external_id="x", object_name=None
        )
        tx.records.add_receipt(record)


def page_signed(on: Stage, delivery: Delivery) -> None:
    """Page and code came back by mail, of what went by hand, and a person confirmed that it is signed."""
    raw = b"a page of the packet"
    with on.database.read() as tx:
        *_, attempt = tx.deliveries.attempts(delivery.id)
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    receipt = Receipt(event=ReceiptEvent.CONTENT_HANDOVER, at=on.clock.now(), source="mail", evidence=sha256(raw))
    record = ReceiptRecord(
        id="page",
        delivery=delivery.id,
        attempt=attempt.id,
        receipt=receipt,
        external_id="page/signed",
        object_name=on.vault.put(key, contexts.incoming("page"), raw),
    )
    with on.database.write() as tx:
        tx.records.add_receipt(record)


def went_by_hand(on: Stage) -> Delivery:
    """Handed over in a packet by a clerk who recorded nothing of it."""
    delivery = sent(on)
    with on.database.write() as tx:
        (mailed,) = tx.deliveries.attempts(delivery.id)
        hand = ChannelName.HAND_DELIVERY
        tx.deliveries.add_attempt(
            replace(mailed, id="by-hand", number=2, channel=hand, reference="by-hand", words=None)
        )
        tx.deliveries.save(replace(tx.deliveries.get(delivery.id), state=DeliveryState.DELIVERED, settled=True))
    return on.delivery(delivery.id)


def service(method: str, basis: Basis, received_at: dt.datetime | None = START) -> Service:
    return Service(
        attempt="a",
        method=method,
        sent_at=START,
        provided_at=START,
        deemed_at=None,
        received_at=received_at,
        basis=basis,
        rule="r",
        evidence=(),
    )


@pytest.mark.parametrize(
    ("method", "basis", "kind"),
    [
        (ChannelName.HAND_DELIVERY, Basis.RECORDED, ProofKind.STATEMENT),
        (ChannelName.REGULAR_MAIL, Basis.DEEMED, ProofKind.STATEMENT),
        (ChannelName.REGISTERED_MAIL, Basis.EVIDENCE, ProofKind.CONFIRMATION),
        (ChannelName.COURIER, Basis.EVIDENCE, ProofKind.CONFIRMATION),
        (ChannelName.FAX, Basis.EVIDENCE, ProofKind.CONFIRMATION),
        (ChannelName.SECURE_UPLOAD, Basis.EVIDENCE, ProofKind.CONFIRMATION),
        (ChannelName.ENCRYPTED_EMAIL, Basis.SENT, ProofKind.EXPLANATION),
        (ChannelName.ENCRYPTED_EMAIL, Basis.INDICATED, ProofKind.EXPLANATION),
        (ChannelName.COURIER, Basis.RECORDED, ProofKind.STATEMENT),
        (ChannelName.ENCRYPTED_EMAIL, Basis.RECORDED, ProofKind.STATEMENT),
        ("carrier-pigeon", Basis.EVIDENCE, ProofKind.CONFIRMATION),
    ],
)
def test_the_paper_is_that_of_the_rules(method: str, basis: Basis, kind: ProofKind) -> None:
    """RAD r.34: a relay or a word that it was sent confirms no receipt."""
    assert proof_of(service(method, basis)) is kind


@pytest.mark.parametrize("method", [ChannelName.COURIER, ChannelName.REGISTERED_MAIL, ChannelName.SECURE_UPLOAD])
def test_no_receipt_is_confirmed_while_the_evidence_that_the_rule_asks_for_is_awaited(method: str) -> None:
    assert proof_of(service(method, Basis.EVIDENCE, received_at=None)) is ProofKind.EXPLANATION


@pytest.mark.parametrize("method", [ChannelName.COURIER, ChannelName.ENCRYPTED_EMAIL])
def test_a_persons_word_that_it_was_sent_states_no_service(method: str) -> None:
    assert proof_of(service(method, Basis.RECORDED, received_at=None)) is ProofKind.EXPLANATION


def test_a_statement_says_who_how_when_and_where_and_is_a_draft(on: Stage) -> None:
    delivery = by_hand(on)
    (paper,) = desk(on).make(delivery.dispatch, "m1", MARIE, officer=None, actor="typist").papers
    assert (paper.kind, paper.officer, paper.signed_at) == (ProofKind.STATEMENT, "clerk", None)
    shown = paper_text(desk(on).read(paper.id, actor="clerk"))
    for words in ("MarieTremblay,Registryofficer", "Byhand", "Ottawa", "HearingsCBSA", "isadraftuntil"):
        assert words in shown


def test_only_the_named_officer_signs_and_the_signature_names_them(on: Stage) -> None:
    delivery = by_hand(on)
    (paper,) = desk(on).make(delivery.dispatch, "m1", MARIE, officer=None, actor="typist").papers
    with pytest.raises(NotAllowed) as refused:
        desk(on).sign([paper.id], actor="typist")
    assert refused.value.code is Code.PAPER_OTHER_OFFICER
    on.clock.move(dt.timedelta(hours=2))
    (signed,) = desk(on).sign([paper.id], actor="clerk")
    assert (signed.signed_by, signed.signed_at) == ("clerk", on.clock.now())
    content = desk(on).read(paper.id, actor="clerk")
    assert sha256(content) == signed.digest
    field = PdfReader(io.BytesIO(content)).get_fields() or {}
    (signature,) = [one["/V"] for one in field.values()]
    assert signature["/Name"] == "Marie Tremblay"
    shown = paper_text(content)
    assert "SignedbyMarieTremblay" in shown
    assert "draft" not in shown
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.PAPER_SIGNED]
    assert (event.actor, event.facts["draft"], event.facts["digest"]) == ("clerk", paper.digest, signed.digest)
    with pytest.raises(Conflict) as again:
        desk(on).sign([paper.id], actor="clerk")
    assert again.value.code is Code.PAPER_SIGNED


@pytest.mark.real
@pytest.mark.parametrize("given", [MARIE, replace(MARIE, name="Zoë Œuvrard")])
def test_what_is_signed_is_accessible_archival_and_valid(on: Stage, given: Given, tmp_path: Path) -> None:
    delivery = by_hand(on)
    (paper,) = desk(on).make(delivery.dispatch, "m1", given, officer=None, actor="clerk").papers
    desk(on).sign([paper.id], actor="clerk")
    content = desk(on).read(paper.id, actor="clerk")
    for profile in ("pdfua-1", "pdfa-2a"):
        assert [one.rule_id for one in page.validate_pdf_bytes(content, profile=profile).failures] == []
    path = tmp_path / "signed.pdf"
    path.write_bytes(content)
    program = need.program("pdfsig", "poppler-utils")
    told = subprocess.run([program, "-nocert", path], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in told
    assert "Total document signed" in told


def test_a_signed_page_states_a_service_by_hand_with_what_the_officer_says_of_it(on: Stage) -> None:
    """The page is no record of the service: where and by whom it was, nobody recorded."""
    delivery = went_by_hand(on)
    page_signed(on, delivery)
    given = replace(MARIE, place="Montreal")
    *_, paper = desk(on).make(delivery.dispatch, "m1", given, officer="clerk", actor="typist").papers
    assert (paper.kind, paper.attempt, paper.officer) == (ProofKind.STATEMENT, "by-hand", "clerk")
    assert "Montreal" in paper_text(desk(on).read(paper.id, actor="clerk"))


def test_a_page_after_the_record_of_a_service_does_not_hide_it(on: Stage) -> None:
    delivery = by_hand(on)
    page_signed(on, delivery)
    (paper,) = desk(on).make(delivery.dispatch, "m1", MARIE, officer=None, actor="typist").papers
    assert (paper.kind, paper.officer) == (ProofKind.STATEMENT, "clerk")
    assert "Ottawa" in paper_text(desk(on).read(paper.id, actor="clerk"))


def test_what_the_recipient_told_of_a_packet_is_no_record_of_its_service(on: Stage) -> None:
    delivery = went_by_hand(on)
    with on.database.write() as tx:
        tx.deliveries.save(replace(delivery, state=DeliveryState.HANDED_OVER, settled=False))
    told = ToldReceipt(channel=ChannelName.HAND_DELIVERY, at=on.clock.now(), told_by="C. Tremblay", proof=b"note")
    on.record_receipt(delivery.id, told, actor="clerk", reason="she called back")
    *_, missing = desk(on).make(delivery.dispatch, "m1", MARIE, officer="r.officer", actor="typist").missing
    assert (missing.kind, missing.needs) == (ProofKind.STATEMENT, ProofNeeds.PLACE), "not the office: nobody said so"
    given = replace(MARIE, place="Montreal")
    *_, paper = desk(on).make(delivery.dispatch, "m1", given, officer="r.officer", actor="typist").papers
    assert (paper.kind, paper.officer) == (ProofKind.STATEMENT, "r.officer")
    assert "Montreal" in paper_text(desk(on).read(paper.id, actor="clerk"))


def test_several_are_signed_at_once_or_none(on: Stage) -> None:
    first, second = by_hand(on), by_hand(on_second(on))
    drafts = [
        desk(on).make(one.dispatch, "m1", MARIE, officer=None, actor="clerk").papers[0] for one in (first, second)
    ]
    with pytest.raises(NotAllowed):
        desk(on).sign([one.id for one in drafts], actor="typist")
    assert [one.id for one in desk(on).drafts("clerk")] == [one.id for one in drafts]
    assert len(desk(on).sign([one.id for one in drafts], actor="clerk")) == 2
    assert desk(on).drafts() == []


def on_second(on: Stage) -> Stage:
    """The same stage; its next package is another one."""
    accept = on.accept
    on.accept = lambda **changes: accept(package_id="6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a12", **changes)  # type: ignore[method-assign]
    return on


def test_what_became_known_since_the_draft_is_not_signed_over(on: Stage) -> None:
    """The officer signs what they read, or nothing."""
    delivery = sent(on)
    (paper,) = desk(on).make(delivery.dispatch, "m1", WHY, officer="clerk", actor="typist").papers
    taken(on, delivery)
    with pytest.raises(Conflict) as refused:
        desk(on).sign([paper.id], actor="clerk")
    assert refused.value.code is Code.PAPER_CHANGED


def test_without_proof_the_officer_has_to_say_why(on: Stage) -> None:
    delivery = sent(on)
    made = desk(on).make(delivery.dispatch, "m1", MARIE, officer="clerk", actor="typist")
    assert made.papers == []
    assert [(one.kind, one.needs) for one in made.missing] == [(ProofKind.EXPLANATION, ProofNeeds.EXPLANATION)]
    (paper,) = desk(on).make(delivery.dispatch, "m1", WHY, officer="clerk", actor="typist").papers
    assert "Thecourierlostthesignedslip." in paper_text(desk(on).read(paper.id, actor="clerk"))


def test_a_confirmation_rests_on_evidence_and_no_officer_signs_it(on: Stage) -> None:
    delivery = sent(on)
    taken(on, delivery)
    made = desk(on).make(delivery.dispatch, "m1", Given(), officer=None, actor="clerk")
    (paper,) = made.papers
    assert (paper.kind, paper.officer, paper.signed_by) == (ProofKind.CONFIRMATION, None, "gateway")
    content = desk(on).read(paper.id, actor="clerk")
    assert b"/ETSI.CAdES.detached" in content
    assert "sha256:" + "ab" * 32 in paper_text(content)
    again = desk(on).make(delivery.dispatch, "m1", Given(), officer=None, actor="clerk")
    assert again.papers == [paper]


def test_only_what_is_signed_is_given_to_a_court(on: Stage) -> None:
    delivery = by_hand(on)
    (paper,) = desk(on).make(delivery.dispatch, "m1", MARIE, officer=None, actor="clerk").papers
    assert not [name for name in exported(on, delivery.dispatch) if name.startswith("papers/")]
    desk(on).sign([paper.id], actor="clerk")
    content = desk(on).read(paper.id, actor="clerk")
    on.clock.move(dt.timedelta(days=366 * 2 + 1))
    assert on.retention().run(actor="archivist")
    members = exported(on, delivery.dispatch)
    assert members["papers/statement-of-service-01.pdf"] == content
    attached = PdfReader(io.BytesIO(members["dossier.pdf"])).attachments
    assert attached["papers-statement-of-service-01.pdf"] == [content]
    with pytest.raises(Conflict) as gone:
        desk(on).make(delivery.dispatch, "m1", MARIE, officer=None, actor="clerk")
    assert gone.value.code is Code.RETENTION_EXPIRED
