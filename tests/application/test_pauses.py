"""A channel of ours that a person stops: nothing leaves by it until a person says so, and nothing is forgotten."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application.pauses import FOR_GOOD, Pauses
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import EventName
from gateway.domain.failures import Misconfigured
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from tests.application.feeding import FeedStage
from tests.application.mail_room import MailRoomStage
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel

MAIL = "encrypted-email"
HOUR = dt.timedelta(hours=1)
WHY = "The mail server moves this weekend."


def pauses(on: Stage) -> Pauses:
    return Pauses(database=on.database, vault=on.vault, clock=on.clock)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    stage.recipients()
    yield stage
    stage.close()


def test_what_is_ready_waits_until_the_channel_is_resumed_and_then_goes_once(on: Stage) -> None:
    delivery = on.planned_and_rendered()
    pause = pauses(on).pause(MAIL, actor="clerk", reason=WHY)
    assert (pause.reason, pause.until) == (Reason.PAUSED_BY_PERSON, FOR_GOOD)
    on.clock.move(HOUR)
    on.deliver()
    assert (on.delivery(delivery.id).state, on.attempts(delivery.id)) == (DeliveryState.READY, [])
    pauses(on).resume(MAIL, actor="clerk", reason="It has moved.")
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(on.attempts(delivery.id)) == 1


def test_who_paused_and_resumed_it_and_why_is_on_the_record_and_the_why_is_sealed(on: Stage) -> None:
    pauses(on).pause(MAIL, actor="clerk", reason=WHY)
    pauses(on).resume(MAIL, actor="supervisor", reason=WHY)
    with on.database.read() as tx:
        named = (EventName.CHANNEL_PAUSED, EventName.CHANNEL_RESUMED)
        found = [one for name in named for one in tx.records.events_besides(name)]
    assert [(one.name, one.actor) for one in found] == [
        (EventName.CHANNEL_PAUSED, "clerk"),
        (EventName.CHANNEL_RESUMED, "supervisor"),
    ]
    assert all(one.reason and WHY.encode() not in one.reason for one in found)
    assert on.calendar.reason(MAIL, found[0].reason or b"") == WHY


def test_no_pause_without_a_reason_and_no_end_of_what_stands_not(on: Stage) -> None:
    with pytest.raises(InputRefused):
        pauses(on).pause(MAIL, actor="clerk", reason=" ")
    with pytest.raises(Conflict) as refused:
        pauses(on).resume(MAIL, actor="clerk", reason=WHY)
    assert refused.value.code is Code.CHANNEL_NOT_PAUSED


def test_a_try_that_ends_meanwhile_in_a_fault_of_ours_does_not_shorten_it(tmp_path: Path) -> None:
    on = Stage(tmp_path, FakeChannel(Misconfigured(reason=Reason.SMTP_AUTHENTICATION)))
    on.recipients()
    on.planned_and_rendered()
    (claimed,) = on.claim(10)
    pauses(on).pause(MAIL, actor="clerk", reason=WHY)
    asyncio.run(on.make(*claimed))
    with on.database.read() as tx:
        (stands,) = tx.registry.pauses()
    assert (stands.until, stands.reason) == (FOR_GOOD, Reason.PAUSED_BY_PERSON)
    on.close()


def test_a_paused_feed_hears_answers_and_sends_nothing_until_it_is_resumed(tmp_path: Path) -> None:
    on = FeedStage(tmp_path)
    on.feed()
    on.decided()
    pauses(on).pause(ChannelName.OUTCOME_FEED, actor="clerk", reason=WHY)
    assert (on.night().batches, on.feed.run().steps, on.gcms.arrived()) == (0, 0, [])
    pauses(on).resume(ChannelName.OUTCOME_FEED, actor="clerk", reason="Both sides agree again.")
    assert on.feed().batches == 1
    assert len(on.gcms.arrived()) == 1
    on.close()


def test_no_manifest_of_a_paused_carrier_is_closed_at_its_cut_off_until_it_is_resumed(tmp_path: Path) -> None:
    stage = MailRoomStage(tmp_path)
    stage.gather(2)
    pauses(stage).pause(stage.service, actor="clerk", reason="The range of numbers is looked at.")
    stage.clock.move(4 * HOUR)
    assert stage.at_cut_offs(100) == 0
    pauses(stage).resume(stage.service, actor="clerk", reason="It is right.")
    stage.clock.move(HOUR)
    assert stage.at_cut_offs(100) == 2
    stage.close()
