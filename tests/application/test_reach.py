"""What is asked just before each attempt: the address it goes to, and whether the carrier stands still."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.parties import PostalAddress
from gateway.domain.reasons import Reason
from tests.application.packages import POSTAL
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel

EMAIL, COURIER, FAX = "encrypted-email", "courier", "fax"
FAX_NUMBER = "+14165550123"


@pytest.fixture
def channels() -> dict[str, FakeChannel]:
    return {name: FakeChannel(name=name) for name in (EMAIL, COURIER, FAX)}


@pytest.fixture
def on(tmp_path: Path, channels: dict[str, FakeChannel]) -> Iterator[Stage]:
    stage = Stage(tmp_path, *channels.values())
    yield stage
    stage.close()


def claimant(**contact: object) -> list[dict[str, object]]:
    return [{"id": "a1", "roles": ["claimant"], "represents": ["p1"], "contact": contact}]


def work(on: Stage) -> None:
    for step, does in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            does(claimed)


def after(on: Stage, delivery: Delivery) -> Delivery:
    on.clock.move(dt.timedelta(seconds=1))
    on.deliver()
    return on.delivery(delivery.id)


def strike(on: Stage, channel: str) -> None:
    on.calendar.suspend(channel, None, actor="clerk", reason="Strike")


def over(on: Stage, channel: str) -> None:
    on.calendar.restore(channel, actor="clerk", reason="It ended")


class TestCarriersThatStandStill:
    def test_what_is_planned_during_a_strike_goes_another_way(
        self, on: Stage, channels: dict[str, FakeChannel]
    ) -> None:
        strike(on, EMAIL)
        on.recipients(also=[COURIER])
        delivery = on.planned_and_rendered()
        assert delivery.plan == (COURIER,)
        assert after(on, delivery).state is DeliveryState.HANDED_OVER
        assert (len(channels[COURIER].sent), channels[EMAIL].consigned) == (1, [])

    def test_what_was_planned_before_the_strike_moves_on_and_nothing_is_made_for_that_carrier(
        self, on: Stage, channels: dict[str, FakeChannel]
    ) -> None:
        on.recipients(also=[COURIER])
        delivery = on.planned_and_rendered()
        assert delivery.plan == (EMAIL, COURIER)
        strike(on, EMAIL)
        moved = after(on, delivery)
        assert (moved.channel, moved.reason) == (COURIER, Reason.CARRIER_SUSPENDED)
        assert after(on, delivery).state is DeliveryState.HANDED_OVER
        assert channels[EMAIL].consigned == []

    def test_without_another_way_it_waits_and_goes_by_itself_once_the_carrier_is_restored(
        self, on: Stage, channels: dict[str, FakeChannel]
    ) -> None:
        delivery = on.ready()
        strike(on, EMAIL)
        waits = after(on, delivery)
        assert (waits.state, waits.reason) == (DeliveryState.NEEDS_PERSON, Reason.CARRIER_SUSPENDED)
        over(on, EMAIL)
        assert on.delivery(delivery.id).state is DeliveryState.PLANNED
        work(on)
        gone = after(on, delivery)
        assert (gone.state, gone.reason) == (DeliveryState.HANDED_OVER, None)
        assert len(channels[EMAIL].sent) == 1
        with on.database.read() as tx:
            acts = [
                one.facts for one in tx.records.events(delivery.dispatch) if one.name is EventName.DELIVERY_RESOLVED
            ]
        assert [(one["action"], one["from"]) for one in acts] == [("carrier-restored", "needs-person")]

    def test_what_could_not_even_be_planned_is_planned_once_the_carrier_is_restored(self, on: Stage) -> None:
        strike(on, EMAIL)
        on.recipients()
        dispatch = on.accept()
        work(on)
        (waits,) = on.deliveries(dispatch.id)
        assert (waits.state, waits.reason) == (DeliveryState.NEEDS_PERSON, Reason.CARRIER_SUSPENDED)
        over(on, EMAIL)
        work(on)
        assert after(on, waits).state is DeliveryState.HANDED_OVER

    def test_another_carriers_return_leaves_it_waiting(self, on: Stage) -> None:
        for one in (EMAIL, COURIER):
            strike(on, one)
        on.recipients()
        dispatch = on.accept()
        work(on)
        over(on, COURIER)
        work(on)
        (waits,) = on.deliveries(dispatch.id)
        assert (waits.state, waits.reason) == (DeliveryState.NEEDS_PERSON, Reason.CARRIER_SUSPENDED)


class TestTheAddressInThePackage:
    def test_a_fax_goes_to_the_number_that_the_signed_package_names(
        self, on: Stage, channels: dict[str, FakeChannel]
    ) -> None:
        delivery = on.planned_and_rendered(participants=claimant(fax=FAX_NUMBER))
        assert (delivery.recipient, delivery.plan) == (None, (FAX,))
        gone = after(on, delivery)
        assert (gone.state, gone.reason) == (DeliveryState.HANDED_OVER, None)
        (consigned,) = channels[FAX].consigned
        assert (consigned.address.number, consigned.address.certificate) == (FAX_NUMBER, None)

    def test_a_courier_goes_to_the_postal_address_that_the_signed_package_names(
        self, on: Stage, channels: dict[str, FakeChannel]
    ) -> None:
        delivery = on.planned_and_rendered(participants=claimant(postal=POSTAL))
        assert delivery.plan == (COURIER,)
        assert after(on, delivery).state is DeliveryState.HANDED_OVER
        (consigned,) = channels[COURIER].consigned
        assert isinstance(consigned.address.postal, PostalAddress)
        assert consigned.address.postal.municipality == POSTAL["municipality"]

    def test_no_e_mail_goes_to_an_address_in_the_package_for_it_has_no_key(
        self, on: Stage, channels: dict[str, FakeChannel]
    ) -> None:
        delivery = on.planned_and_rendered(participants=claimant(email="a@b.example", fax=FAX_NUMBER))
        assert delivery.plan == (FAX,)
        after(on, delivery)
        assert channels[EMAIL].consigned == []

    def test_once_the_registry_says_that_they_moved_nothing_goes_to_the_old_or_to_the_unsigned_address(
        self, on: Stage, channels: dict[str, FakeChannel]
    ) -> None:
        delivery = on.planned_and_rendered(participants=claimant(fax=FAX_NUMBER))
        on.parties.receive("TC6-12345", moved(on, {"fax": "+14165550199"}), actor="token:nova")
        waits = after(on, delivery)
        assert (waits.state, waits.reason) == (DeliveryState.NEEDS_PERSON, Reason.ADDRESS_CHANGED)
        assert channels[FAX].consigned == []


def moved(on: Stage, contact: dict[str, str]) -> bytes:
    return json.dumps(
        {
            "schema": "file-parties/1",
            "division": "RPD",
            "sequence": 1,
            "effective_at": on.clock.now().isoformat(),
            "source": "NOVA",
            "changes": [{"participant": "a1", "contact": contact}],
        }
    ).encode()
