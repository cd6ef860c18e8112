"""Systems are told of every change: signed, under one id, again and again until they take it, and of nothing else."""

import datetime as dt
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from channels.http.caller import HttpCaller
from gateway.application.rules import call_policy
from gateway.application.telling.endpoints import Endpoints
from gateway.application.telling.make_calls import MakeCalls
from gateway.domain.calls import CallFault, Endpoint, Subject, call_id
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.calls import Caller, Request
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel
from tests.contracts.samples import an_event
from tests.real.receiver import Receiver, receiving

LEASE = dt.timedelta(minutes=2)
HOUR = dt.timedelta(hours=1)


@dataclass
class Told:
    """A stage whose changes are told to a receiver over loopback."""

    stage: Stage
    receiver: Receiver
    endpoints: Endpoints
    endpoint: Endpoint
    limit: float = 5
    """Seconds that a call may take."""

    def calls(self, caller: Caller | None = None, limit: int = 50) -> int:
        """Makes what is due; how many calls."""
        over_http = HttpCaller(time_limit=dt.timedelta(seconds=self.limit), private=False)
        return MakeCalls(
            database=self.stage.database,
            vault=self.stage.vault,
            caller=caller or over_http,
            policy=call_policy(),
            lease=LEASE,
            clock=self.stage.clock,
        )(limit)

    def happens(self, delivery: str, dispatch: str, count: int = 1) -> None:
        """Something is recorded of a delivery, so many times."""
        for _ in range(count):
            with self.stage.database.write() as tx:
                tx.records.append(an_event(dispatch=dispatch, delivery=delivery, at=self.stage.clock.now()))

    def standing(self) -> Endpoint:
        """The endpoint as it stands."""
        with self.stage.database.read() as tx:
            return tx.calls.endpoint(self.endpoint.id)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    stage = Stage(tmp_path, FakeChannel())

    class StageTime(dt.datetime):
        """The library that verifies looks at our clock."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "StageTime":
            return cls.fromtimestamp(stage.clock.now().timestamp(), tz)

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", StageTime)
    endpoints = Endpoints(database=stage.database, vault=stage.vault, policy=call_policy(), clock=stage.clock)
    with receiving() as receiver:
        made = endpoints.add(receiver.url, Subject.DELIVERIES, "", actor="ann")
        receiver.secret = made.secret
        yield Told(stage, receiver, endpoints, made.endpoint)
    stage.close()


def test_each_change_of_a_delivery_is_told_once_signed_and_without_content(told: Told) -> None:
    delivery = told.stage.ready()
    told.stage.deliver()
    while told.calls():
        pass
    assert told.receiver.forged == 0
    assert len(told.receiver.calls) == len(told.receiver.told)
    types = [one["type"] for one in told.receiver.told.values()]
    assert types == ["delivery.planned", "delivery.rendered", "delivery.attempt_ended"]
    last = list(told.receiver.told.values())[-1]
    assert set(last["data"]) == {
        "dispatch",
        "package_id",
        "delivery",
        "participant",
        "state",
        "reason",
        "settled",
        "channel",
        "due",
        "next_action_at",
    }
    assert (last["data"]["delivery"], last["data"]["state"]) == (delivery.id, "handed-over")
    assert "Hearings" not in json.dumps(list(told.receiver.told.values()))
    assert "@" not in json.dumps(list(told.receiver.told.values()))


def test_what_failed_is_told_later_under_the_same_id_and_one_call_at_a_time_tries(told: Told) -> None:
    delivery = told.stage.ready()
    told.receiver.answers = lambda _: 503
    first = told.calls()
    assert first > 1
    assert told.calls() == 0
    told.stage.clock.move(dt.timedelta(seconds=5))
    assert told.calls() == 1
    told.receiver.answers = lambda _: 204
    told.stage.clock.move(HOUR)
    assert told.calls() == 1
    while told.calls():
        pass
    assert sorted(told.receiver.told) == [call_id(delivery.id, 1), call_id(delivery.id, 2)]
    assert told.standing().failures == 0


def test_one_that_no_receiver_takes_holds_up_no_other(told: Told) -> None:
    delivery = told.stage.ready()
    poison = call_id(delivery.id, 1)
    told.receiver.answers = lambda which: 400 if which == poison else 204
    told.happens(delivery.id, delivery.dispatch, 5)
    for _ in range(20):
        told.calls()
        told.stage.clock.move(HOUR)
    assert len(told.receiver.told) == 6
    assert told.standing().suspended_at is None or poison not in told.receiver.told


def test_one_that_hangs_is_called_again_after_its_lease_and_not_before(told: Told) -> None:
    told.stage.ready()
    taken: list[str] = []

    def dies(requests: list[Request]) -> list[CallFault | None]:
        taken.extend(one.headers["webhook-id"] for one in requests)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        told.calls(partial(dies))
    assert told.calls() == 0
    told.stage.clock.move(LEASE)
    while told.calls():
        pass
    assert set(taken) == set(told.receiver.told)


def test_one_that_is_gone_is_suspended_at_once_and_replayed_by_a_person(told: Told) -> None:
    told.stage.ready()
    told.receiver.answers = lambda _: 410
    told.calls()
    (suspended,) = told.endpoints.suspended()
    assert (suspended.id, suspended.fault) == (told.endpoint.id, CallFault.GONE)
    told.stage.clock.move(30 * 24 * HOUR)
    assert told.calls() == 0
    told.receiver.answers = lambda _: 204
    assert told.endpoints.replay(told.endpoint.id, since=None, call=None, actor="ann") == 2
    while told.calls():
        pass
    assert len(told.receiver.told) == 2
    assert told.endpoints.suspended() == []


def test_one_that_keeps_failing_is_suspended_in_the_end(told: Told) -> None:
    told.stage.ready()
    hours = 0
    while not told.endpoints.suspended():
        told.calls(lambda requests: [CallFault.TIMED_OUT for _ in requests])
        told.stage.clock.move(HOUR)
        hours += 1
    assert call_policy().suspend_after <= hours * HOUR <= call_policy().suspend_after + 3 * HOUR


def test_a_replay_tells_again_from_a_call_or_a_moment_under_the_same_ids(told: Told) -> None:
    delivery = told.stage.ready()
    told.stage.clock.move(HOUR)
    told.happens(delivery.id, delivery.dispatch)
    told.stage.clock.at -= HOUR
    while told.calls():
        pass
    first, before = told.receiver.calls[0], list(told.receiver.calls)
    since = told.stage.clock.now() + HOUR
    assert told.endpoints.replay(told.endpoint.id, since=since, call=None, actor="ann") == 1
    told.calls()
    assert told.receiver.calls == [*before, before[-1]]
    assert told.endpoints.replay(told.endpoint.id, since=None, call=first, actor="ann") == 3
    told.calls()
    assert sorted(told.receiver.calls[-3:]) == sorted(before)


def test_what_cannot_be_called_is_not_added(told: Told) -> None:
    with pytest.raises(InputRefused) as refused:
        told.endpoints.add("http://nova.test/", Subject.DELIVERIES, "", actor="ann")
    assert refused.value.code is Code.ENDPOINT_URL


def test_one_that_was_removed_is_called_no_more(told: Told) -> None:
    told.stage.ready()
    told.endpoints.remove(told.endpoint.id, actor="ann")
    assert told.calls() == 0
    assert told.endpoints.all() == []


def test_ten_days_of_faults_and_every_change_reaches_a_receiver_that_comes_back(told: Told) -> None:
    """Ten simulated days: answers lost, refusals, silences, days away, workers that die. Nothing is left untold."""
    told.limit = 0.3
    weather = random.Random(7)
    delivery = told.stage.ready()
    taken: set[str] = set()
    met = dict.fromkeys(("taken", "lost", "refused", "silent", "away", "died"), 0)
    away_until = told.stage.clock.now()

    def fault_of() -> str:
        if told.stage.clock.now() < away_until:
            return "away"
        return weather.choices(["taken", "lost", "refused", "silent"], [6, 1, 1, 1])[0]

    def receive(requests: list[Request]) -> list[CallFault | None]:
        answers: list[CallFault | None] = []
        for request in requests:
            what = fault_of()
            met[what] += 1
            if what in {"taken", "lost"}:
                taken.add(request.headers["webhook-id"])
            answers.append(None if what == "taken" else CallFault.TIMED_OUT)
        if weather.random() < 0.05:
            met["died"] += 1
            raise InterruptedError
        return answers

    happened = 2
    for hour in range(10 * 24):
        if hour % 3 == 0:
            told.happens(delivery.id, delivery.dispatch)
            happened += 1
        if weather.random() < 0.02:
            away_until = told.stage.clock.now() + dt.timedelta(hours=weather.randint(4, 24))
        with suppress(InterruptedError):
            told.calls(receive)  # type: ignore[arg-type]
        told.stage.clock.move(HOUR)
    away_until = told.stage.clock.now()
    for _ in range(60):
        with suppress(InterruptedError):
            told.calls(receive)  # type: ignore[arg-type]
        told.stage.clock.move(HOUR)
    assert told.endpoints.suspended() == []
    assert all(met.values()), met
    assert taken == {call_id(delivery.id, place) for place in range(1, happened + 1)}
    (standing,) = told.endpoints.all()
    assert standing.untold is None
