"""What waits for a channel that takes nothing goes on in time: by the next channel, or to a person."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.acts import Action
from gateway.domain.breaker import BreakerState
from gateway.domain.delivery import Delivery, DeliveryState, ResultName
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.failures import Misconfigured, NotSent
from gateway.domain.reasons import Reason
from gateway.domain.retry import RetryPolicy
from gateway.ports.registry import ChannelPause
from tests.application.stage import Stage
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

MAIL, FAX = "encrypted-email", "fax"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DOWN = NotSent(reason=Reason.SMTP_CONNECT)


def on_friday(folder: Path, *, also: tuple[str, ...] = (), script: NotSent | Misconfigured = DOWN) -> Stage:
    """Planned on Friday 20 November, due on Friday 27: an IAD decision has five working days."""
    on = Stage(folder, FakeChannel(script), *(FakeChannel(name=one) for one in also))
    on.retry_policy = RetryPolicy(waits=(HOUR,), grace=HOUR)
    on.recipients(also=also)
    return on


def pause(on: Stage) -> None:
    with on.database.write() as tx:
        tx.registry.pause_channel(
            ChannelPause(channel=MAIL, since=on.clock.now(), until=on.clock.now() + 30 * DAY, reason="test")
        )


def day_by_day(on: Stage, delivery: Delivery, days: int) -> dict[dt.date, tuple[DeliveryState, str | None]]:
    """Where it stands at the end of each day, looked at each half hour."""
    stood = {}
    for _ in range(days * 48):
        on.clock.move(HOUR / 2)
        on.move_on(10)
        on.deliver()
        now = on.delivery(delivery.id)
        stood[on.clock.now().date()] = (now.state, now.channel)
    return stood


def test_a_pause_of_days_hands_over_to_the_next_channel_on_the_due_date_before_its_time(tmp_path: Path) -> None:
    on = on_friday(tmp_path, also=(FAX,))
    delivery = on.planned_and_rendered()
    pause(on)
    assert delivery.due is not None
    stood = day_by_day(on, delivery, 8)
    assert stood[delivery.due - DAY] == (DeliveryState.READY, MAIL)
    assert stood[delivery.due] == (DeliveryState.HANDED_OVER, FAX)
    (attempt,) = on.attempts(delivery.id)
    assert attempt.claimed_at.date() == delivery.due
    assert attempt.claimed_at <= dt.datetime.combine(delivery.due, dt.time(18), dt.UTC) + HOUR, "13:00 in Toronto"
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.CHANNEL_GIVEN_UP]
    assert event.facts == {"channel": MAIL, "reason": "retry.time-over", "to": "ready"}
    on.close()


def test_without_another_channel_a_person_is_called_the_working_day_before(tmp_path: Path) -> None:
    on = on_friday(tmp_path)
    delivery = on.planned_and_rendered()
    pause(on)
    assert delivery.due is not None
    stood = day_by_day(on, delivery, 8)
    assert stood[delivery.due - 2 * DAY] == (DeliveryState.READY, MAIL)
    assert stood[delivery.due - DAY] == (DeliveryState.NEEDS_PERSON, MAIL)
    assert on.delivery(delivery.id).reason is Reason.TIME_OVER
    on.close()


def test_a_fault_of_our_settings_spends_no_try_and_still_ends_in_time(tmp_path: Path) -> None:
    on = on_friday(tmp_path, also=(FAX,), script=Misconfigured(reason=Reason.SMTP_AUTHENTICATION))
    delivery = on.planned_and_rendered()
    stood = day_by_day(on, delivery, 8)
    assert delivery.due is not None
    assert stood[delivery.due - DAY] == (DeliveryState.DEFERRED, MAIL)
    assert stood[delivery.due] == (DeliveryState.HANDED_OVER, FAX)
    assert {one.result for one in on.attempts(delivery.id)[:-1]} == {ResultName.MISCONFIGURED}
    on.close()


def test_without_another_channel_the_last_wait_is_repeated_until_the_person_is_called(tmp_path: Path) -> None:
    on = on_friday(tmp_path)
    delivery = on.planned_and_rendered()
    assert delivery.due is not None
    stood = day_by_day(on, delivery, 8)
    assert stood[delivery.due - 2 * DAY] == (DeliveryState.DEFERRED, MAIL)
    assert stood[delivery.due - DAY][0] in {DeliveryState.FAILED, DeliveryState.NEEDS_PERSON}
    assert on.delivery(delivery.id).reason is Reason.TIME_OVER
    tries = on.attempts(delivery.id)
    assert len(tries) > 20
    by = dt.datetime.combine(delivery.due - DAY, dt.time(14), dt.UTC)  # 09:00 in Toronto
    assert max(one.claimed_at for one in tries) <= by + HOUR / 2
    on.close()


def test_what_is_due_today_is_tried_for_its_grace_before_it_moves_on(tmp_path: Path) -> None:
    on = on_friday(tmp_path, also=(FAX,))
    delivery = on.planned_and_rendered()
    pause(on)
    with on.database.write() as tx:
        (counted,) = tx.calendar.due_of([delivery.dispatch]).values()
        tx.calendar.put_due(replace(counted, due=on.clock.now().date()))
    on.clock.move(HOUR - dt.timedelta(minutes=2))
    assert on.move_on(10) == 0
    on.clock.move(dt.timedelta(minutes=2))
    assert on.move_on(10) == 1
    assert on.delivery(delivery.id).channel == FAX
    on.close()


def test_a_person_who_retries_late_has_the_grace_anew(tmp_path: Path) -> None:
    on = on_friday(tmp_path)
    delivery = on.planned_and_rendered()
    day_by_day(on, delivery, 8)
    with on.database.write() as tx:
        tx.deliveries.save(replace(on.delivery(delivery.id), state=DeliveryState.FAILED))
    on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="the server answers again")
    on.deliver()
    stood = on.delivery(delivery.id)
    assert stood.state is DeliveryState.DEFERRED
    assert stood.next_action_at is not None
    assert stood.next_action_at <= on.clock.now() + HOUR
    on.close()


@pytest.mark.parametrize("limit", [1, 10])
def test_a_look_moves_no_more_than_it_is_told_and_goes_on_with_the_rest_at_once(tmp_path: Path, limit: int) -> None:
    on = on_friday(tmp_path, also=(FAX,))
    first = on.planned_and_rendered()
    second = on.planned_and_rendered(package_id="6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a12")
    pause(on)
    on.clock.move(10 * DAY)
    moved = [on.move_on(limit), on.move_on(limit), on.move_on(limit)]
    assert moved == ([1, 1, 0] if limit == 1 else [2, 0, 0])
    assert {on.delivery(one.id).channel for one in (first, second)} == {FAX}
    on.close()


def test_what_a_person_asks_for_again_is_tried_though_its_time_is_over_and_its_server_was_silent(
    tmp_path: Path,
) -> None:
    on = on_friday(tmp_path)
    delivery = on.planned_and_rendered()
    stood = day_by_day(on, delivery, 9)
    assert stood[max(stood)][0] in {DeliveryState.NEEDS_PERSON, DeliveryState.FAILED}
    with on.database.read() as tx:
        assert [one.breaker.state for one in tx.destinations.all()] != [BreakerState.CLOSED], "it was silent"
    tries = len(on.attempts(delivery.id))
    on.channels[MAIL]._script = [HANDED_OVER]  # type: ignore[attr-defined]
    on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="the server is back")
    on.clock.move(HOUR / 2 - dt.timedelta(minutes=1))
    for step, use in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            use(claimed)
    on.move_on(10)
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(on.attempts(delivery.id)) == tries + 1
