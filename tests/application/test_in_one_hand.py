"""Whoever plans a package renders it too, from what is open already: claimed all the while, and lost to nobody."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.reasons import Reason
from gateway.ports.papers import Papers, RenderedPapers
from gateway.ports.work import LeaseLost
from tests.application.stage import LEASE, Stage
from tests.contracts.fake_channel import FakeChannel

TWO = [
    {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"},
    {"id": "m2", "roles": ["minister-counsel"], "recipient": "another"},
]


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel(name="encrypted-email"))
    stage.recipients()
    stage.recipients("another")
    yield stage
    stage.close()


def names(on: Stage, dispatch: str) -> list[EventName]:
    """What is recorded of it and of its deliveries."""
    with on.database.read() as tx:
        return [one.name for one in tx.records.events(dispatch)]


def test_a_package_is_planned_and_rendered_under_one_claim(on: Stage) -> None:
    dispatch = on.accept(participants=TWO)
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    planned = on.plan(claimed, keep_for=LEASE)
    assert planned.waiting == on.deliveries(dispatch.id), "as it stands in the database, to the last field"
    assert (planned.case.dispatch.step, planned.case.dispatch.fence) == (Step.RENDER, claimed.fence)
    assert on.steps.claim(Step.RENDER, 10) == [], "nobody else takes it"
    on.render.planned(planned)
    assert {one.state for one in on.deliveries(dispatch.id)} == {DeliveryState.READY}
    told = names(on, dispatch.id)[1:]
    assert told == [EventName.DELIVERY_PLANNED] * 2 + [EventName.DELIVERY_RENDERED] * 2
    assert on.deliver() == 2
    on.clock.move(LEASE)
    assert [on.steps.claim(step, 10) for step in (Step.PLAN, Step.RENDER)] == [[], []]


def test_one_whose_hand_died_in_between_is_rendered_by_another_and_by_nobody_twice(on: Stage) -> None:
    dispatch = on.accept()
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    planned = on.plan(claimed, keep_for=LEASE)
    on.clock.move(LEASE)
    (again,) = on.steps.claim(Step.RENDER, 10)
    assert again.attempts == 2, "what kills its worker is counted"
    on.render(again)
    objects = on.objects()
    with pytest.raises(LeaseLost):
        on.render.planned(planned)
    assert on.objects() == objects, "the papers that came too late are gone"
    assert [one.state for one in on.deliveries(dispatch.id)] == [DeliveryState.READY]


def test_a_recall_between_the_two_keeps_anything_from_being_made(on: Stage) -> None:
    dispatch = on.accept()
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    planned = on.plan(claimed, keep_for=LEASE)
    with on.database.write() as tx:
        standing = tx.dispatches.get(dispatch.id, lock=True)
        tx.dispatches.save(replace(standing, step=Step.RECALLED, fence=standing.fence + 1, lease_until=None))
    with pytest.raises(LeaseLost):
        on.render.planned(planned)
    assert on.objects() == 1, "the package"


def test_papers_that_cannot_be_made_hold_up_none_that_were_made_before(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = on.renderer.render

    def breaking(papers: Papers) -> RenderedPapers:
        if papers.participant.id == "m2":
            raise ZeroDivisionError
        return rendered(papers)

    dispatch = on.accept(participants=TWO)
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    monkeypatch.setattr(on.renderer, "render", breaking)
    planned = on.plan(claimed, keep_for=LEASE)
    with pytest.raises(ZeroDivisionError):
        on.render.planned(planned)
    first, second = on.deliveries(dispatch.id)
    assert (first.state, second.state) == (DeliveryState.READY, DeliveryState.PLANNED)
    on.steps.postpone(planned.case.dispatch, "ZeroDivisionError", spent=True)
    on.clock.move(dt.timedelta(hours=1))
    monkeypatch.setattr(on.renderer, "render", rendered)
    (again,) = on.steps.claim(Step.RENDER, 10)
    assert again.attempts == 2
    on.render(again)
    assert [one.state for one in on.deliveries(dispatch.id)] == [DeliveryState.READY] * 2


def test_one_that_is_planned_again_hands_over_what_still_waits_alone(on: Stage) -> None:
    other = {"id": "m2", "roles": ["minister-counsel"], "recipient": "not-there-yet"}
    dispatch = on.accept(participants=[TWO[0], other])
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    assert claimed.is_untouched
    on.render.planned(on.plan(claimed, keep_for=LEASE))
    ready, waits = on.deliveries(dispatch.id)
    assert (ready.state, waits.reason) == (DeliveryState.READY, Reason.RECIPIENT_UNKNOWN)
    on.recipients("not-there-yet")
    on.resolve(waits.id, Action.RETRY, actor="clerk", reason="entered in the directory")
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    assert not claimed.is_untouched
    planned = on.plan(claimed, keep_for=LEASE)
    assert [one.id for one in planned.waiting] == [waits.id]
    on.render.planned(planned)
    assert [one.state for one in on.deliveries(dispatch.id)] == [DeliveryState.READY] * 2
