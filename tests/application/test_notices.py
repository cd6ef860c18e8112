"""Staff's systems are told at once of what is late, at risk, calls a person or stands still: in codes and ids; of a
delivery when it begins and again when it comes back, of what stands still once a day of the office's."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.application.dates.office_dates import today_at
from gateway.application.telling.notices import EVERY, StaffNotices
from gateway.domain.calls import Endpoint, Subject
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import EventName
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from gateway.ports.registry import ChannelPause
from tests.application.stage import Stage
from tests.application.test_receiving import raw_of, receive
from tests.contracts.calls import stored
from tests.contracts.fake_channel import FakeChannel

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


class Told:
    """A stage whose staff have an endpoint."""

    def __init__(self, folder: Path) -> None:
        self.on = Stage(folder, FakeChannel())
        self.staff: Endpoint = stored(self.on.database, subject=Subject.STAFF)
        self.notices = StaffNotices(database=self.on.database, office="toronto", today=today_at, clock=self.on.clock)

    def __call__(self) -> dict[str, dict[str, Any]]:
        """What is owed a minute later that was not before, by its type."""
        self.on.clock.move(EVERY)
        self.notices.run_if_due()
        with self.on.database.write() as tx:
            calls = tx.calls.claim(self.staff.id, now=self.on.clock.now(), lease=99 * DAY, limit=99)
        bodies = [json.loads(one.body) for one in calls]
        return {body["type"].removeprefix("staff."): body["data"] for body in bodies}


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    made = Told(tmp_path)
    yield made
    made.on.close()


def test_a_delivery_is_told_of_when_it_is_late_and_again_when_it_comes_back_to_it(told: Told) -> None:
    on = told.on
    delivery = on.ready()
    assert told() == {}
    seen: list[str] = []
    while "deliveries_late" not in seen:
        on.clock.move(6 * HOUR)
        seen += told()
    assert seen == ["deliveries_at_risk", "deliveries_late"], "each once"
    for state, kinds in ((DeliveryState.HANDED_OVER, []), (DeliveryState.FAILED, ["deliveries_late"])):
        with on.database.write() as tx:
            tx.deliveries.save(replace(delivery, state=state))
        assert list(told()) == kinds
    on.clock.move(3 * DAY)
    assert told() == {}, "what goes on is for the digest"


def test_it_names_the_delivery_and_nothing_more(told: Told) -> None:
    delivery = told.on.ready()
    told.on.clock.move(60 * DAY)
    assert told() == {
        "deliveries_late": {
            "count": 1,
            "deliveries": [
                {"dispatch": delivery.dispatch, "delivery": delivery.id, "state": "ready", "reason": None},
            ],
        }
    }


@pytest.mark.parametrize(
    ("finding", "reason"), [(Finding.MAIL_HELD, Reason.MAIL_HELD), (Finding.MAIL_DELIVERED, Reason.MAIL_UNSIGNED)]
)
def test_mail_that_is_held_or_was_left_unsigned_calls_a_person_at_once(
    told: Told, finding: Finding, reason: Reason
) -> None:
    on = told.on
    delivery = on.ready()
    on.deliver()
    assert told() == {}
    receive(on, raw_of(on, delivery, finding))
    receive(on, raw_of(on, delivery, finding, mark=1))
    with on.database.read() as tx:
        called = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.PERSON_CALLED]
    assert [one.facts["reason"] for one in called] == [reason.value], "an event, and once"
    (named,) = told()["deliveries_calling"]["deliveries"]
    assert (named["delivery"], named["reason"]) == (delivery.id, reason.value)
    assert told() == {}


def test_what_stands_still_is_told_once_a_day_by_the_clock_of_the_office(told: Told) -> None:
    on = told.on
    silent = stored(on.database, suspended_at=on.clock.now())
    with on.database.write() as tx:
        until = on.clock.now() + 2 * DAY
        tx.registry.pause_channel(ChannelPause(channel="fax", since=on.clock.now(), until=until, reason="credentials"))
    both = {
        "channel_paused": {"channel": "fax", "reason": "credentials"},
        "endpoint_suspended": {"endpoint": silent.id, "fault": None},
    }
    assert told() == both
    on.clock.at = on.clock.at.replace(hour=23, minute=30)
    assert told() == {}
    on.clock.move(HOUR)  # another day by UTC, the same in Toronto
    assert told() == {}
    on.clock.move(5 * HOUR)
    assert told() == both
