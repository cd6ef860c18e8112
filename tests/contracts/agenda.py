"""When the next work is due: what `Deliveries.next_action_at` keeps to."""

import datetime as dt
from typing import Any

import pytest

from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.ports.database import Database
from gateway.ports.registry import ChannelPause
from tests.contracts.samples import LEASE, MINUTE, NOW, stored_deliveries, stored_dispatch

MAIL = "encrypted-email"


def next_action_at(database: Database) -> dt.datetime | None:
    """When the next work is due."""
    with database.read() as tx:
        return tx.deliveries.next_action_at()


def delivery(**changes: Any) -> dict[str, Any]:
    """A deferred delivery whose next action is in ten minutes, unless changed."""
    return {"state": DeliveryState.DEFERRED, "next_action_at": NOW + 10 * MINUTE, **changes}


def pause(database: Database, until: dt.datetime) -> None:
    """Pauses encrypted e-mail."""
    with database.write() as tx:
        tx.registry.pause_channel(ChannelPause(channel=MAIL, since=NOW - LEASE, until=until, reason="smtp.connect"))


class AgendaContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_nothing_is_due_where_nothing_waits(self, database: Database) -> None:
        assert next_action_at(database) is None

    @pytest.mark.parametrize("step", [Step.DONE, Step.STUCK])
    def test_a_dispatch_without_a_further_step_is_not_waited_for(self, database: Database, step: Step) -> None:
        stored_dispatch(database, step=step, next_action_at=NOW, lease_until=NOW)
        assert next_action_at(database) is None

    @pytest.mark.parametrize("step", [Step.PLAN, Step.RENDER])
    def test_a_dispatch_is_due_at_its_next_action(self, database: Database, step: Step) -> None:
        stored_dispatch(database, step=step, next_action_at=NOW + 2 * MINUTE)
        stored_dispatch(database, step=step, next_action_at=NOW + MINUTE)
        assert next_action_at(database) == NOW + MINUTE

    def test_a_dispatch_that_is_held_is_due_when_the_lease_runs_out(self, database: Database) -> None:
        stored_dispatch(database, next_action_at=NOW - MINUTE, lease_until=NOW + LEASE)
        assert next_action_at(database) == NOW + LEASE

    def test_a_dispatch_put_off_under_a_lease_is_due_at_the_later_of_both(self, database: Database) -> None:
        stored_dispatch(database, next_action_at=NOW + 9 * MINUTE, lease_until=NOW + MINUTE)
        assert next_action_at(database) == NOW + 9 * MINUTE

    def test_a_delivery_is_due_at_its_next_action(self, database: Database) -> None:
        stored_deliveries(database, delivery(), delivery(next_action_at=NOW + MINUTE, state=DeliveryState.READY))
        assert next_action_at(database) == NOW + MINUTE

    def test_a_delivery_that_waits_for_nothing_has_long_been_due(self, database: Database) -> None:
        stored_deliveries(database, delivery(next_action_at=None))
        moment = next_action_at(database)
        assert moment is not None
        assert moment < NOW - dt.timedelta(days=365)

    @pytest.mark.parametrize(
        "state",
        [
            state
            for state in DeliveryState
            if state not in {DeliveryState.READY, DeliveryState.DEFERRED, DeliveryState.SENDING}
        ],
    )
    def test_a_delivery_in_another_state_is_not_waited_for(self, database: Database, state: DeliveryState) -> None:
        stored_deliveries(database, delivery(state=state, lease_until=NOW))
        assert next_action_at(database) is None

    def test_a_sending_delivery_is_due_when_its_lease_runs_out(self, database: Database) -> None:
        stored_deliveries(database, delivery(), {"state": DeliveryState.SENDING, "lease_until": NOW + LEASE})
        assert next_action_at(database) == NOW + LEASE

    def test_a_paused_channel_is_not_waited_for_before_its_pause_ends(self, database: Database) -> None:
        stored_deliveries(database, delivery(next_action_at=NOW))
        pause(database, until=NOW + 3 * MINUTE)
        assert next_action_at(database) == NOW + 3 * MINUTE

    def test_a_pause_that_ends_sooner_changes_nothing(self, database: Database) -> None:
        stored_deliveries(database, delivery())
        pause(database, until=NOW + MINUTE)
        assert next_action_at(database) == NOW + 10 * MINUTE

    def test_another_channel_is_waited_for_beside_a_paused_one(self, database: Database) -> None:
        stored_deliveries(database, delivery(next_action_at=NOW), delivery(position=1))
        pause(database, until=NOW + 60 * MINUTE)
        assert next_action_at(database) == NOW + 10 * MINUTE

    def test_at_that_moment_there_is_something_to_take(self, database: Database) -> None:
        stored_deliveries(database, delivery(next_action_at=NOW), delivery(position=1))
        pause(database, until=NOW + 3 * MINUTE)
        moment = next_action_at(database)
        assert moment is not None
        with database.write() as tx:
            early = tx.deliveries.claim(MAIL, now=moment - dt.timedelta(microseconds=1), lease=LEASE, limit=9)
            assert list(early) == []
            assert len(tx.deliveries.claim(MAIL, now=moment, lease=LEASE, limit=9)) == 1
