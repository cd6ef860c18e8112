"""What a recipient says they have: the truthful end of a delivery whose report never came, or told something else."""

import datetime as dt
import email
import email.policy
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.acts.told_receipt import ToldReceipt
from gateway.application.evidence.proof_drawing import Given
from gateway.application.sealed import data_key
from gateway.domain.delivery import AttemptResult, Delivery, DeliveryState
from gateway.domain.failures import MaybeSent
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.proof import ProofKind
from gateway.domain.reasons import Reason
from gateway.domain.receipt import BY_A_PERSON, ReceiptEvent
from gateway.domain.report import Finding
from tests.application.exporting import desk, paper_text
from tests.application.stage import Stage
from tests.application.test_receiving import raw_of, receive, sent
from tests.application.test_settling import looked_at, relied_on
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

DAY = dt.timedelta(days=1)
WHO, NOTE = "M. Tremblay, counsel, called back at the number on file", b"note of the call"
Made = Callable[..., Stage]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Made]:
    made: list[Stage] = []

    def make(*script: AttemptResult) -> Stage:
        made.append(Stage(tmp_path, FakeChannel(*script)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def told(on: Stage, **changes: object) -> ToldReceipt:
    values = {"channel": "encrypted-email", "at": on.clock.now() - DAY, "told_by": WHO, "proof": NOTE}
    return ToldReceipt(**(values | changes))  # type: ignore[arg-type]


def overdue(on: Stage) -> Delivery:
    """Handed over, and nothing came back."""
    delivery = sent(on)
    on.clock.move(3 * DAY)
    after = looked_at(on, delivery)
    assert after.reason is Reason.RECEIPT_OVERDUE
    return after


def test_what_the_recipient_says_ends_an_overdue_delivery_as_recorded(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = overdue(on)
    after = on.record_receipt(delivery.id, told(on), actor="clerk", reason="no report came")
    assert (after.state, after.settled, after.reason) == (DeliveryState.DELIVERED, True, None)
    service = relied_on(on, delivery)
    assert (service["method"], service["basis"], service["received_at"]) == (
        "encrypted-email",
        "recorded",
        (on.clock.now() - DAY).astimezone(dt.timezone(-5 * dt.timedelta(hours=1))).isoformat(),
    )
    with on.database.read() as tx:
        *_, record = tx.records.receipts_of([delivery.id])[delivery.id]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert (record.receipt.event, record.receipt.source) == (ReceiptEvent.CONTENT_HANDOVER, BY_A_PERSON)
    raw = on.vault.get(key, contexts.service_record(record.id), record.object_name or "")
    said, proof = email.message_from_bytes(raw, policy=email.policy.default).iter_parts()
    assert json.loads(said.get_content())["told_by"] == WHO
    assert proof.get_content() == NOTE
    assert "Tremblay" not in json.dumps(on.views.dispatch(delivery.dispatch))


def test_it_ends_what_may_have_been_sent_and_what_a_report_says_bounced(stage: Made) -> None:
    on = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN))
    delivery = sent(on)
    receive(on, raw_of(on, delivery, Finding.FAILED))
    assert on.delivery(delivery.id).state is DeliveryState.FAILED
    on.clock.move(2 * DAY)
    on.record_receipt(delivery.id, told(on), actor="clerk", reason="the bounce was a filter's")
    assert looked_at(on, delivery).settled
    assert relied_on(on, delivery)["basis"] == "recorded"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"channel": "fax"}, "channel"),
        ({"at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "at"),
        ({"at": dt.datetime(2036, 1, 1, tzinfo=dt.UTC)}, "at"),
        ({"told_by": " "}, "handed-to"),
        ({"proof": b""}, "file"),
    ],
)
def test_nobody_has_what_was_not_sent_that_way_by_then(stage: Made, wrong: dict[str, object], where: str) -> None:
    on = stage(HANDED_OVER)
    delivery = overdue(on)
    objects = on.objects()
    with pytest.raises(InputRefused) as refused:
        on.record_receipt(delivery.id, told(on, **wrong), actor="clerk", reason="x")
    assert refused.value.where == where
    assert (on.delivery(delivery.id), on.objects()) == (delivery, objects)


def test_what_never_left_nobody_has_by_that_channel(stage: Made) -> None:
    on = stage()
    delivery = on.ready()
    with pytest.raises(InputRefused) as refused:
        on.record_receipt(delivery.id, told(on), actor="clerk", reason="x")
    assert refused.value.facts["expected"] == "hand-delivery"


def test_what_is_delivered_needs_nobodys_word(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = overdue(on)
    on.record_receipt(delivery.id, told(on), actor="clerk", reason="x")
    with pytest.raises(Conflict):
        on.record_receipt(delivery.id, told(on), actor="clerk", reason="x")


def test_what_the_recipient_told_is_stated_by_an_officer_and_explains_nothing(stage: Made) -> None:
    """RAD r.34(2): who, how and when; the reply that was kept is the record of it."""
    on = stage(HANDED_OVER)
    delivery = overdue(on)
    on.record_receipt(delivery.id, told(on), actor="clerk", reason="no report came")
    made = desk(on).make(delivery.dispatch, "m1", Given(name="Marie Tremblay"), officer="clerk", actor="clerk")
    (paper,) = made.papers
    assert (paper.kind, made.missing) == (ProofKind.STATEMENT, [])
    draft = paper_text(desk(on).read(paper.id, actor="clerk"))
    assert "receivedbythem" in draft
    assert "Received" in draft
    assert "Where" not in draft, "nobody handed it over at a place"
    (signed,) = desk(on).sign([paper.id], actor="clerk")
    assert signed.signed_at == on.clock.now()
    assert on.delivery(delivery.id).settled


def test_an_officers_explanation_settles_what_nothing_proves_and_nothing_before_it_is_signed(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = overdue(on)
    given = Given(name="Marie Tremblay", explanation="No report came; counsel does not answer.")
    (paper,) = desk(on).make(delivery.dispatch, "m1", given, officer="clerk", actor="clerk").papers
    assert paper.kind is ProofKind.EXPLANATION
    assert not looked_at(on, delivery).settled
    desk(on).sign([paper.id], actor="clerk")
    after = looked_at(on, delivery)
    assert (after.state, after.settled, after.reason) == (DeliveryState.HANDED_OVER, True, None)
    assert relied_on(on, delivery)["basis"] == "sent"
    receive(on, raw_of(on, delivery, Finding.FAILED))
    assert on.delivery(delivery.id).state is DeliveryState.FAILED, "a late bounce reopens it all the same"


def test_an_explanation_settles_nothing_that_came_back(stage: Made) -> None:
    on = stage(HANDED_OVER)
    delivery = overdue(on)
    given = Given(name="Marie Tremblay", explanation="No report came.")
    (paper,) = desk(on).make(delivery.dispatch, "m1", given, officer="clerk", actor="clerk").papers
    receive(on, raw_of(on, delivery, Finding.FAILED))
    with pytest.raises(Conflict):
        desk(on).sign([paper.id], actor="clerk")
    assert on.delivery(delivery.id).state is DeliveryState.FAILED
