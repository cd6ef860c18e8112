"""Envelopes followed by asking the post's own service: politely, each answer moving its delivery once, or calling a
person."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from channels.canada_post.tracking import Tracking
from gateway.application.mail_room.telling_carrier import Told
from gateway.application.rules import tracking_schedule
from gateway.domain.delivery import Delivery, DeliveryState, needs_person
from gateway.domain.manifest import BatchedItem
from gateway.domain.parties import ChannelName
from gateway.domain.reasons import Reason
from tests.application.exporting import exported
from tests.application.mail_room import SIGNED, MailRoomStage
from tests.channels.canada_post_stand_in import StandIn, canada_post
from tests.channels.scan_samples import SIGNATORY, tracking_detail

HOUR = dt.timedelta(hours=1)
SIGNED_FOR = ["1408", "2026-11-23", "10:00:00", "EST", SIGNATORY]


@pytest.fixture
def post() -> Iterator[StandIn]:
    with canada_post() as stand_in:
        yield stand_in


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[MailRoomStage]:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, "RN 47312481-47312999 CA")
    yield stage
    stage.close()


def sent(stage: MailRoomStage, count: int = 1, *, signed: bool = True) -> list[BatchedItem]:
    """Items whose manifest is closed, and signed for."""
    stage.gather(count)
    items = list(stage.close_items())
    if signed:
        stage.hand_over(items[0].manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    return items


def says(post: StandIn, item: BatchedItem, *events: list[str]) -> None:
    """What the post says of it from now on."""
    post.events[item.piece or ""] = tracking_detail(*events, pin=item.piece or "").decode()


def ask(stage: MailRoomStage, post: StandIn, *, after: dt.timedelta = 72 * HOUR) -> Told:
    stage.clock.move(after)
    return stage.tracked_by(Tracking(post.place()))()


def delivery_of(stage: MailRoomStage, item: BatchedItem) -> Delivery:
    return stage.delivery(item.delivery)


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("1421", (DeliveryState.HANDED_OVER, Reason.MAIL_UNSIGNED, True)),
        ("1443", (DeliveryState.HANDED_OVER, Reason.MAIL_ATTEMPTED, False)),
        ("1435", (DeliveryState.HANDED_OVER, Reason.MAIL_HELD, True)),
        ("1420", (DeliveryState.FAILED, Reason.MAIL_RETURNED, True)),
        ("1417", (DeliveryState.FAILED, Reason.MAIL_REFUSED, True)),
        ("1416", (DeliveryState.FAILED, Reason.MAIL_UNDELIVERABLE, True)),
        ("0174", (DeliveryState.HANDED_OVER, None, False)),
        ("9876", (DeliveryState.HANDED_OVER, None, False)),
    ],
)
def test_each_answer_moves_its_delivery_or_calls_a_person(
    stage: MailRoomStage, post: StandIn, code: str, after: tuple[DeliveryState, Reason | None, bool]
) -> None:
    (item,) = sent(stage)
    says(post, item, [code, "2026-11-23", "10:00:00", "EST"])
    assert ask(stage, post) == Told(done=1)
    delivery = delivery_of(stage, item)
    assert (delivery.state, delivery.reason, needs_person(delivery)) == after


def test_an_answer_about_one_number_that_cannot_be_read_keeps_no_other_from_being_asked_about(
    stage: MailRoomStage, post: StandIn
) -> None:
    odd, item = sent(stage, count=2)
    post.events[odd.tracking or odd.piece or ""] = "<tracking-detail>"
    says(post, item, SIGNED_FOR)
    told = ask(stage, post)
    assert (told.done, told.stopped) == (2, Reason.CARRIER_NOT_UNDERSTOOD)
    assert delivery_of(stage, item).state is DeliveryState.DELIVERED
    assert delivery_of(stage, odd).state is DeliveryState.HANDED_OVER
    says(post, odd, SIGNED_FOR)
    ask(stage, post)
    assert delivery_of(stage, odd).state is DeliveryState.DELIVERED, "and it has its turn again"


def test_what_somebody_signed_for_is_delivered(stage: MailRoomStage, post: StandIn) -> None:
    (item,) = sent(stage)
    says(post, item, SIGNED_FOR)
    assert ask(stage, post) == Told(done=1)
    assert delivery_of(stage, item).state is DeliveryState.DELIVERED


def test_what_was_only_announced_to_the_post_is_not_handed_over_by_it(stage: MailRoomStage, post: StandIn) -> None:
    (item,) = sent(stage, signed=False)
    says(post, item, ["3000", "2026-11-20", "14:00:00", "EST"])
    ask(stage, post)
    assert delivery_of(stage, item).state is DeliveryState.BATCHED
    says(post, item, ["9876", "2026-11-21", "14:00:00", "EST"], ["3000", "2026-11-20", "14:00:00", "EST"])
    ask(stage, post)
    assert delivery_of(stage, item).state is DeliveryState.BATCHED, "a code nobody knows hands nothing over"
    says(post, item, ["2300", "2026-11-23", "17:00:00", "EST"], ["3000", "2026-11-20", "14:00:00", "EST"])
    ask(stage, post)
    assert delivery_of(stage, item).state is DeliveryState.HANDED_OVER
    with stage.database.read() as tx:
        assert tx.scans.faulty(limit=10) == []


def test_the_certificate_of_what_is_delivered_is_evidence_with_the_signatorys_name(
    stage: MailRoomStage, post: StandIn
) -> None:
    (item,) = sent(stage)
    says(post, item, SIGNED_FOR)
    ask(stage, post)
    delivery = delivery_of(stage, item)
    assert "receipts/certificate-01.pdf" not in exported(stage, delivery.dispatch)
    post.certificates[item.piece or ""] = b"%PDF-1.4 certificate"
    ask(stage, post, after=13 * HOUR)
    members = exported(stage, delivery.dispatch)
    assert members["receipts/certificate-01.pdf"] == b"%PDF-1.4 certificate"
    assert SIGNATORY.encode() in members["receipts/scan-01.txt"]
    asked = len(post.asked)
    ask(stage, post)
    assert len(post.asked) == asked, "nobody asks about what is proven"


def test_a_certificate_that_never_comes_is_given_up(stage: MailRoomStage, post: StandIn) -> None:
    (item,) = sent(stage)
    says(post, item, SIGNED_FOR)
    ask(stage, post)
    for _ in range(2 * tracking_schedule().certificate.tries):
        ask(stage, post, after=13 * HOUR)
    asked = [path for _, path in post.asked if "certificate" in path]
    assert len(asked) == tracking_schedule().certificate.tries


def test_the_post_is_asked_no_more_often_than_the_schedule_says(stage: MailRoomStage, post: StandIn) -> None:
    sent(stage, 40)
    for _ in range(3):
        ask(stage, post, after=dt.timedelta(seconds=20))
    assert len(post.asked) == tracking_schedule().questions_a_minute // 2, "one round a minute"
    for _ in range(10):
        ask(stage, post, after=dt.timedelta(minutes=1))
    assert len(post.asked) == 40, "each once until it is due again"
    ask(stage, post, after=7 * HOUR)
    assert len(post.asked) == 40 + tracking_schedule().questions_a_minute // 2


def test_it_is_asked_less_often_with_time_and_then_no_more(stage: MailRoomStage, post: StandIn) -> None:
    sent(stage)
    track, counts = stage.tracked_by(Tracking(post.place())), []
    for _ in range(14):  # of five days each
        before = len(post.asked)
        for _ in range(5 * 4):
            stage.clock.move(6 * HOUR)
            track()
        counts.append(len(post.asked) - before)
    assert counts[0] > counts[1] > counts[5] > 0
    assert counts[-1] == 0
    assert sum(counts) < 120


def test_a_service_that_limits_or_is_away_ends_the_round_and_one_that_does_not_take_us_is_told(
    stage: MailRoomStage, post: StandIn
) -> None:
    sent(stage, 3)
    post.any_faults.append("throttled")
    assert ask(stage, post) == Told(done=0)
    assert len(post.asked) == 1
    assert ask(stage, post, after=dt.timedelta(minutes=2)) == Told(done=3)
    stage.clock.move(72 * HOUR)
    wrong = stage.tracked_by(Tracking(replace(post.place(), password="wrong")))
    assert wrong().stopped is Reason.CARRIER_LOGIN


def test_an_answer_that_nobody_can_read_moves_nothing(stage: MailRoomStage, post: StandIn) -> None:
    (item,) = sent(stage)
    post.events[item.piece or ""] = "<tracking-detail><pin>1</pin></tracking-detail>"
    assert ask(stage, post).stopped is Reason.CARRIER_NOT_UNDERSTOOD
    assert delivery_of(stage, item).state is DeliveryState.HANDED_OVER
