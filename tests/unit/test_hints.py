"""Hints and the scheduler's sweep: what is told of, how often, and that a broker in trouble costs a moment, once."""

import datetime as dt
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client import REGISTRY

from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.problem import ServiceDown
from gateway.store.engine import SqlDatabase
from gateway.worker import broker, figures
from gateway.worker.broker import ANSWER_WITHIN, Broker, Hints
from gateway.worker.queues import Queue
from gateway.worker.readiness import Fitness, readiness
from gateway.worker.scheduler import AGAIN_AFTER, Sweep
from tests.contracts.samples import LEASE, MINUTE, NOW, stored_deliveries, stored_dispatch
from tests.migrated import database_in
from tests.real.ports import free_port


class Told:
    """Somebody who hears hints."""

    def __init__(self) -> None:
        self.heard: list[tuple[Queue, list[str]]] = []

    def __call__(self, queue: Queue, ids: Sequence[str], /) -> None:
        self.heard.append((queue, list(ids)))

    def take(self) -> dict[Queue, list[str]]:
        """What was heard since the last time; each queue once at most."""
        heard, self.heard = self.heard, []
        assert len(dict(heard)) == len(heard)
        return dict(heard)


class Watch:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> dt.datetime:
        """See `Clock`."""
        return self.time


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqlDatabase]:
    made = SqlDatabase(database_in(tmp_path))
    yield made
    made.close()


def test_each_step_hears_what_is_due_to_it_once_and_again_when_it_is_still_due_much_later(
    database: SqlDatabase,
) -> None:
    planning, rendering = stored_dispatch(database), stored_dispatch(database, step=Step.RENDER)
    ready, lapsed = stored_deliveries(
        database, {"next_action_at": None}, {"state": DeliveryState.SENDING, "lease_until": NOW - LEASE}
    )
    told, watch = Told(), Watch()
    sweep = Sweep(database=database, wake=told, clock=watch)
    sweep()
    # `stored_deliveries` has dispatches of its own, which stand at planning too.
    heard = told.take()
    assert planning.id in heard.pop(Queue.INTAKE)
    assert heard == {Queue.RENDER: [rendering.id], Queue.DELIVER: [ready.id], Queue.MAINTAIN: [lapsed.id]}

    sweep()
    assert told.take() == {}
    (new,) = stored_deliveries(database, {"next_action_at": NOW})
    sweep()
    assert told.take()[Queue.DELIVER] == [new.id]
    watch.time = NOW + AGAIN_AFTER
    sweep()
    assert set(told.take()[Queue.DELIVER]) == {ready.id, new.id}


def test_a_retry_is_told_of_when_its_time_has_come(database: SqlDatabase) -> None:
    (deferred,) = stored_deliveries(database, {"state": DeliveryState.DEFERRED, "next_action_at": NOW + MINUTE})
    told, watch = Told(), Watch()
    sweep = Sweep(database=database, wake=told, clock=watch)
    sweep()
    assert Queue.DELIVER not in told.take()
    watch.time = NOW + MINUTE
    sweep()
    assert told.take()[Queue.DELIVER] == [deferred.id]


def fates() -> dict[str, float]:
    return {
        sample.labels["fate"]: sample.value
        for metric in figures.OWN.collect()
        for sample in metric.samples
        if sample.name == "gateway_hints_total" and sample.labels["queue"] == Queue.RENDER
    }


def more(before: dict[str, float]) -> dict[str, float]:
    return {fate: count - before.get(fate, 0) for fate, count in fates().items() if count != before.get(fate, 0)}


def test_a_broker_that_is_away_costs_nothing_and_is_left_alone_for_a_while() -> None:
    hints, before, begun = Hints(f"redis://127.0.0.1:{free_port()}/0"), fates(), time.monotonic()
    for _ in range(5):
        hints(Queue.RENDER, ["a"])
    assert more(before) == {"failed": 1, "unsent": 4}
    assert time.monotonic() - begun < 5


def test_who_was_told_a_moment_ago_is_told_again_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    hints, before = Hints("redis://127.0.0.1:1/0", enough_for=60.0), fates()
    told: list[str] = []
    monkeypatch.setattr(hints._app, "send_task", lambda name, **_: told.append(name))
    for _ in range(5):
        hints(Queue.RENDER, ["a"])
    hints(Queue.DELIVER, ["a"])
    assert told == ["gateway.render", "gateway.deliver"]
    assert more(before) == {"published": 1, "spared": 4}
    later = time.monotonic() + 60.0
    monkeypatch.setattr(broker, "time", SimpleNamespace(monotonic=lambda: later))
    hints(Queue.RENDER, ["b"])
    assert told == ["gateway.render", "gateway.deliver", "gateway.render"]


def test_a_broker_that_takes_the_call_and_never_answers_is_hung_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        hints, before, begun = Hints(url), fates(), time.monotonic()
        hints(Queue.RENDER, ["a"])
        hints(Queue.RENDER, ["b"])
        assert more(before) == {"failed": 1, "unsent": 1}
        with pytest.raises(ServiceDown) as caught:
            Broker(url).check()
        assert caught.value.code is Code.BROKER_UNAVAILABLE
        assert ANSWER_WITHIN <= time.monotonic() - begun < 30


def test_readiness_names_each_part_and_only_a_needed_one_makes_it_unfit() -> None:
    def fine() -> None:
        return None

    def broken() -> None:
        raise ServiceDown(Code.DATABASE_UNAVAILABLE)

    def away() -> None:
        raise ServiceDown(Code.BROKER_UNAVAILABLE)

    whole = readiness({"database": fine}, {"broker": fine})
    assert (whole.fitness, whole.parts) == (Fitness.READY, {"database": "ok", "broker": "ok"})
    slower = readiness({"database": fine}, {"broker": away})
    assert (slower.fitness, slower.fitness.http_status) == (Fitness.DEGRADED, 200)
    assert slower.parts == {"database": "ok", "broker": "broker.unavailable"}
    unfit = readiness({"database": broken}, {"broker": away})
    assert (unfit.fitness, unfit.fitness.http_status) == (Fitness.NOT_READY, 503)


def test_figures_are_kept_apart_from_those_of_the_library() -> None:
    assert "gateway_hints" not in {metric.name for metric in REGISTRY.collect()}
