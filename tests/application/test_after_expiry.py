"""What comes in after a package was kept long enough is recorded and moves nothing; and whatever is wrong with one
delivery keeps no other from being settled."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.events import EventName
from gateway.domain.problem import Conflict, ServiceDown
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from gateway.worker.pump import guarded
from tests.application.stage import Stage
from tests.application.test_receiving import events, raw_of, receive, sent
from tests.application.test_settling import looked_at
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

DAY = dt.timedelta(days=1)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel(HANDED_OVER, HANDED_OVER))
    yield stage
    stage.close()


def forget(on: Stage, delivery: Delivery) -> None:
    """The package's key is destroyed, as at its expiry."""
    with on.database.write() as tx:
        tx.registry.destroy_data_key(tx.dispatches.get(delivery.dispatch).data_key)


@pytest.mark.parametrize("finding", [Finding.FAILED, Finding.RELAYED, Finding.DISPLAYED])
def test_a_report_on_an_expired_package_is_recorded_and_moves_nothing(on: Stage, finding: Finding) -> None:
    delivery = sent(on)
    receive(on, raw_of(on, delivery, Finding.RELAYED))
    on.clock.move(6 * DAY)
    before = looked_at(on, delivery)
    assert before.settled
    forget(on, delivery)
    receive(on, raw_of(on, delivery, finding, mark=1))
    assert on.delivery(delivery.id) == before
    assert len(events(on, delivery)) == 2


def test_an_act_on_an_expired_package_is_refused_as_that(on: Stage) -> None:
    delivery = sent(on)
    receive(on, raw_of(on, delivery, Finding.FAILED))
    forget(on, delivery)
    with pytest.raises(Conflict) as refused:
        on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="x")
    assert refused.value.code is Code.RETENTION_EXPIRED
    assert on.delivery(delivery.id).state is DeliveryState.FAILED


def test_one_that_cannot_be_looked_at_keeps_no_other_from_being_settled(on: Stage) -> None:
    broken = sent(on)
    other = on.planned_and_rendered(package_id="7a9f1c1e-3333-4444-8555-aaaaaaaaaaaa")
    on.deliver()
    receive(on, raw_of(on, other, Finding.RELAYED))
    with on.database.write() as tx:
        tx.deliveries.save(replace(on.delivery(broken.id), next_action_at=None))
    forget(on, broken)
    on.clock.move(6 * DAY)
    assert looked_at(on, other).settled
    aside = on.delivery(broken.id)
    assert (aside.settled, aside.reason, aside.next_action_at) == (
        False,
        Reason.RECEIPT_OVERDUE,
        on.clock.now() + DAY,
    )
    with on.database.read() as tx:
        told = [one for one in tx.records.events(broken.dispatch) if one.name is EventName.RECEIPT_OVERDUE]
    assert [one.facts["cause"] for one in told] == [Code.SEAL_KEY_UNKNOWN.value]


def test_what_breaks_at_the_workers_edge_stops_nothing_behind_it_but_a_service_that_is_away_stops_all() -> None:
    def breaks() -> int:
        raise ZeroDivisionError

    def away() -> int:
        raise ServiceDown(Code.DATABASE_UNAVAILABLE)

    assert [guarded("one", breaks), guarded("two", lambda: 3)] == [0, 3]
    with pytest.raises(ServiceDown):
        guarded("three", away)
