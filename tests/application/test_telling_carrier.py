"""A closed manifest told to the carrier's own service: nothing twice, nothing lost, whatever breaks off in between."""

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from channels.canada_post.shipping import ContractShipping
from gateway.application import contexts
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.carriage import Carriage, CarriageState
from gateway.domain.delivery import DeliveryState, needs_person
from gateway.domain.manifest import BatchedItem
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict
from gateway.domain.reasons import Reason
from tests.application.mail_room import SIGNED, MailRoomStage
from tests.application.test_mail_room_at_random import Failing, PowerFailed
from tests.channels.canada_post_stand_in import StandIn, canada_post
from tests.channels.mailing import POSTAL

MINUTE = dt.timedelta(minutes=1)
FAULTS = ["", "", "", "cut-before", "cut-after", "fails", "throttled"]


@pytest.fixture
def post() -> Iterator[StandIn]:
    with canada_post() as stand_in:
        yield stand_in


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[MailRoomStage]:
    stage = MailRoomStage(tmp_path)
    stage.terms[stage.service] = replace(stage.terms[stage.service], contract_service="DOM.XP")
    yield stage
    stage.close()


def closed(stage: MailRoomStage, count: int) -> list[BatchedItem]:
    stage.gather(count)
    return list(stage.close_items())


def carriage_of(stage: MailRoomStage, item: BatchedItem) -> Carriage:
    with stage.database.read() as tx:
        found = tx.carriages.get(item.manifest or "")
    assert found is not None
    return found


def run(stage: MailRoomStage, post: StandIn, rounds: int = 3) -> list[Reason]:
    """Some rounds, a minute apart: why they stopped."""
    tell = stage.told_by(ContractShipping(post.place()))
    stopped = []
    for _ in range(rounds):
        told = tell()
        stopped += [told.stopped] if told.stopped else []
        stage.clock.move(MINUTE)
    return stopped


def test_each_envelope_is_told_of_once_and_the_manifest_is_transmitted_and_confirmed(
    stage: MailRoomStage, post: StandIn
) -> None:
    items = closed(stage, 3)
    assert run(stage, post, 4) == []
    assert post.created == [one.reference for one in items]
    assert post.transmitted == [items[0].manifest]
    carriage = carriage_of(stage, items[0])
    assert (carriage.state, carriage.reason, len(carriage.papers)) == (CarriageState.CONFIRMED, None, 1)
    assert len(post.confirmed) == 1
    with stage.database.read() as tx:
        after = tx.manifests.items(items[0].manifest or "")
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert [one.tracking for one in after] == [f"{7_000_000_000_000_000 + place:016d}" for place in (1, 2, 3)]
    paper = stage.vault.get(key, contexts.carrier_manifest(carriage.manifest), carriage.papers[0])
    assert paper.startswith(b"%PDF-")
    assert {stage.delivery(one.delivery).state for one in items} == {DeliveryState.BATCHED}, (
        "telling hands nothing over"
    )
    asked = len(post.asked)
    run(stage, post)
    assert len(post.asked) == asked


def test_the_carriers_labels_and_manifest_take_the_place_of_ours(stage: MailRoomStage, post: StandIn) -> None:
    items = closed(stage, 2)
    run(stage, post, 4)
    names = [one.name for one in stage.files(items[0].manifest or "", Language.EN)]
    number = items[0].manifest
    assert names == [
        f"{number}{end}"
        for end in (
            ".pdf",
            ".csv",
            ".json",
            "-carrier-01.pdf",
            "-0001-label.pdf",
            "-0001.pdf",
            "-0002-label.pdf",
            "-0002.pdf",
        )
    ]


@pytest.mark.parametrize("fault", ["cut-after", "fails"])
def test_an_order_whose_answer_was_lost_is_looked_for_and_not_given_twice(
    stage: MailRoomStage, post: StandIn, fault: str
) -> None:
    (item,) = closed(stage, 1)
    post.faults.append(fault)
    run(stage, post, 1)
    assert carriage_of(stage, item).reason is Reason.CARRIER_UNCERTAIN
    run(stage, post, 5)
    assert post.created == [item.reference]
    assert carriage_of(stage, item).state is CarriageState.CONFIRMED


def test_what_the_carrier_surely_does_not_have_is_told_again_after_some_minutes_only(
    stage: MailRoomStage, post: StandIn
) -> None:
    (item,) = closed(stage, 1)
    post.faults.append("cut-before")
    run(stage, post, 4)
    assert post.created == []
    run(stage, post, 6)
    assert post.created == [item.reference]


@pytest.mark.parametrize("fault", ["cut-after", "cut-before", "fails"])
def test_a_transmission_whose_answer_was_lost_is_looked_for(stage: MailRoomStage, post: StandIn, fault: str) -> None:
    items = closed(stage, 2)
    post.faults += ["", "", fault]
    run(stage, post, 14)
    assert post.transmitted == [items[0].manifest]
    assert carriage_of(stage, items[0]).state is CarriageState.CONFIRMED
    assert len(post.confirmed) == 1


def test_a_refused_address_goes_to_a_person_and_the_others_go_on(stage: MailRoomStage, post: StandIn) -> None:
    (refused,) = stage.gather()
    stage.live_at(replace(POSTAL, lines=("77 Other Rd",)))
    stage.live_at(POSTAL)
    items = list(stage.close_items())
    post.refuses = POSTAL.lines[0]
    run(stage, post, 4)
    after = stage.delivery(refused.id)
    assert (after.state, after.reason) == (DeliveryState.NEEDS_PERSON, Reason.CARRIER_REFUSED)
    assert carriage_of(stage, items[0]).state is CarriageState.EMPTY
    assert post.transmitted == []


def test_what_left_the_manifest_is_taken_back_from_the_carrier_before_it_is_transmitted(
    stage: MailRoomStage, post: StandIn
) -> None:
    kept, held = closed(stage, 2)
    run(stage, post, 1)
    assert len(post.created) == 2
    stage.resolve(held.delivery, Action.HOLD, actor="clerk", reason="Asked by the Registry.")
    run(stage, post, 4)
    assert post.voided == [held.reference]
    assert post.manifests == {"P000000001": [next(one.number for one in post.shipments.values())]}
    assert [one.request for one in post.shipments.values()] == [kept.reference]


def test_a_key_that_is_not_taken_stops_the_round_and_spends_nobodys_attempt(
    stage: MailRoomStage, post: StandIn
) -> None:
    (item,) = closed(stage, 1)
    wrong = stage.told_by(ContractShipping(replace(post.place(), password="wrong")))
    assert wrong().stopped is Reason.CARRIER_LOGIN
    assert carriage_of(stage, item).reason is Reason.CARRIER_LOGIN
    after = stage.delivery(item.delivery)
    assert (after.state, after.reason, after.attempts) == (DeliveryState.BATCHED, None, 1)
    stage.clock.move(MINUTE)
    assert run(stage, post, 4) == []
    assert post.created == [item.reference]


def test_a_manifest_that_the_carrier_refuses_calls_a_person_until_it_is_taken(
    stage: MailRoomStage, post: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    (item,) = closed(stage, 1)
    run(stage, post, 1)
    (made,) = post.shipments.values()
    made.group = "another"
    assert run(stage, post, 1) == [Reason.CARRIER_REFUSED]
    called = stage.delivery(item.delivery)
    assert (called.state, called.reason) == (DeliveryState.BATCHED, Reason.CARRIER_REFUSED)
    assert needs_person(called)
    made.group = item.manifest or ""
    stage.clock.move(60 * MINUTE)
    run(stage, post, 3)
    assert carriage_of(stage, item).state is CarriageState.CONFIRMED
    assert not needs_person(stage.delivery(item.delivery))


def test_a_handover_does_not_wait_for_the_carriers_service(stage: MailRoomStage, post: StandIn) -> None:
    (item,) = closed(stage, 1)
    stage.hand_over(item.manifest or "", at=stage.clock.now(), signed=SIGNED, actor="clerk")
    run(stage, post, 4)
    assert post.created == [item.reference]
    assert stage.delivery(item.delivery).state is DeliveryState.HANDED_OVER


@pytest.mark.parametrize("seed", range(8))
def test_each_envelope_is_with_the_carrier_exactly_once_whatever_breaks_off(
    stage: MailRoomStage, post: StandIn, seed: int
) -> None:
    dice = random.Random(seed)
    items = closed(stage, dice.randint(1, 6))
    real = stage.database
    for _ in range(60):
        post.faults = type(post.faults)([dice.choice(FAULTS)])
        post.any_faults = type(post.any_faults)(dice.choice([[], [], ["cut-before", "cut-before"], ["throttled"]]))
        post.not_ready = dice.choice([0, 0, 1])
        if dice.random() < 0.3:
            failing = Failing(real, at=dice.randint(1, 4), committed=dice.random() < 0.5)
            stage.database = failing  # type: ignore[assignment]
        with suppress(PowerFailed):
            stage.told_by(ContractShipping(post.place()))()
        stage.database = real
        if dice.random() < 0.03:
            with suppress(Conflict):
                stage.resolve(items[-1].delivery, Action.HOLD, actor="clerk", reason="At random.")
        stage.clock.move(dice.choice([1, 1, 2, 6]) * MINUTE)
    post.faults.clear()
    post.any_faults.clear()
    run(stage, post, 20)
    carriage = carriage_of(stage, items[0])
    held = stage.delivery(items[-1].delivery).state is DeliveryState.HELD
    assert carriage.state in {CarriageState.CONFIRMED, CarriageState.EMPTY}, carriage
    there = [one.request for one in post.shipments.values() if one.po_number]
    assert sorted(there) == sorted(set(there)), "nothing is ordered twice"
    wanted = {one.reference for one in items}
    assert wanted - {items[-1].reference} <= set(there) <= wanted
    assert held or set(there) == wanted
    assert len(post.transmitted) == (1 if there else 0)


def test_the_service_is_looked_at_without_telling_it_anything(stage: MailRoomStage, post: StandIn) -> None:
    tell = stage.told_by(ContractShipping(post.place()))
    assert tell.check() is None
    post.any_faults.append("throttled")
    assert tell.check() is Reason.CARRIER_BUSY
    assert (post.created, post.transmitted) == ([], [])
