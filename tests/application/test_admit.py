"""Back-pressure: who floods the gateway is asked to come back, others are let in, and what is due first goes first."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.application.intake.admit import Admit, intake_rule
from gateway.application.intake.submit import everybody
from gateway.domain.codes import Code
from gateway.domain.dispatch import Step
from gateway.domain.problem import Conflict, Overloaded
from tests.application.packages import members_of, minimal
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel

RULE = replace(intake_rule(), at_least=4, fewest_measured=2)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    stage.recipients()
    stage.submit._admit = Admit(database=stage.database, rule=RULE, clock=stage.clock)
    stage.submit._admit._load._clock = lambda: stage.clock.now().timestamp()
    yield stage
    stage.close()


def package(**changes: object) -> bytes:
    """Of the Minister's counsel and nobody else."""
    one = [{"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}]
    fresh: dict[str, Any] = {"package_id": str(uuid.uuid4()), "participants": one, "minister": {"party": True}}
    decision = minimal(**(fresh | changes))
    return json.dumps(dict.fromkeys(members_of(decision), "text") | {"decision.json": json.dumps(decision)}).encode()


def submit(on: Stage, who: str, content: bytes | None = None) -> bool:
    """Whether it is a repeat."""
    on.clock.move(dt.timedelta(seconds=1))
    return on.submit.accept(content or package(), submitted_by=who).repeat


def refused(on: Stage, who: str) -> Overloaded:
    with pytest.raises(Overloaded) as raised:
        submit(on, who)
    assert raised.value.code is Code.INTAKE_OVERLOADED
    return raised.value


def test_a_flood_is_asked_to_come_back_and_keeps_nobody_else_out(on: Stage) -> None:
    first = package()
    submit(on, "token:flood", first)
    for _ in range(3):
        submit(on, "token:flood")
    assert refused(on, "token:flood").facts == {"waiting": 4, "retry_after": RULE.latest_again}
    assert submit(on, "token:flood", first), "a repeat is answered"
    assert [submit(on, "token:other") for _ in range(2)] == [False, False]
    assert refused(on, "token:other").facts["waiting"] == 6
    with on.database.read() as tx:
        assert tx.dispatches.waiting_by_submitter() == {"token:flood": 4, "token:other": 2}
        assert len(tx.dispatches.newest(100)) == 6, "nothing of what was refused is kept"


def test_what_is_worked_off_makes_room_and_is_measured(on: Stage) -> None:
    for _ in range(4):
        submit(on, "token:flood")
    refused(on, "token:flood")
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 3):
            work(claimed)
            on.clock.move(dt.timedelta(seconds=10))
    with on.database.read() as tx:
        worked = tx.records.rendered_since(on.clock.now() - dt.timedelta(minutes=10))
        assert worked is not None
        assert worked.packages == 3
        assert tx.records.rendered_since(on.clock.now()) is None
    for _ in range(20):  # three in some 30 seconds: within two hours hundreds
        submit(on, "token:flood")


def test_of_what_waits_the_one_that_is_due_first_is_taken_first(on: Stage) -> None:
    signed = minimal()["decision"]
    for days in (3, 0, 2):
        at = dt.datetime.fromisoformat(signed["signed_at"]) - dt.timedelta(days=days)
        submit(on, "token:a", package(decision=signed | {"signed_at": at.isoformat()}))
    for claimed in on.steps.claim(Step.PLAN, 10):
        on.plan(claimed)
    due = [one.due for one in on.steps.claim(Step.RENDER, 10) if one.due]
    assert due == sorted(due)
    assert len(set(due)) == 3


def test_who_floods_keeps_nobody_waiting_and_what_is_due_tonight_goes_before_all(on: Stage) -> None:
    on.submit._admit = everybody
    for _ in range(30):
        submit(on, "token:flood")
    signed = minimal()["decision"]
    earlier = dt.datetime.fromisoformat(signed["signed_at"]) - dt.timedelta(days=3)
    submit(on, "token:other")
    submit(on, "token:urgent", package(decision=signed | {"signed_at": earlier.isoformat()}))
    came = []
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for _ in range(3):
            (claimed,) = on.steps.claim(step, 1)
            work(claimed)
            came.append(claimed.submitted_by)
    assert [came[0], came[3]] == ["token:urgent"] * 2
    assert sorted(came[1:3]) == sorted(came[4:]) == ["token:flood", "token:other"]


def test_a_conflict_is_told_when_there_is_room(on: Stage) -> None:
    number = str(uuid.uuid4())
    submit(on, "token:a", package(package_id=number))
    with pytest.raises(Conflict):
        submit(on, "token:a", package(package_id=number, sensitive=True))
