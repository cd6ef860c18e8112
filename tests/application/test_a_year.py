"""A year of faults with a clock that the test moves: at its end every delivery has an outcome, a next action or a
person, and no message was sent twice but where a person said that it had not been."""

import datetime as dt
import random
import uuid
from collections import Counter
from pathlib import Path

import pytest

from gateway.domain.acts import Action
from gateway.domain.delivery import STANDING, Delivery, DeliveryState, ResultName, needs_person
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from tests.application.stage import Stage
from tests.application.test_receiving import ScriptedReader, raw_of
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel, Step
from tests.keys.pki import DAY, NOW, Order

DAYS, LOOKS_A_DAY = 365, 2
FAULTS: list[Step] = [
    NotSent(reason=Reason.SMTP_CONNECT),
    NotSent(reason=Reason.SMTP_TEMPORARY),
    MaybeSent(reason=Reason.SMTP_UNCERTAIN),
    Refused(reason=Reason.SMTP_REFUSED),
    Misconfigured(reason=Reason.SMTP_AUTHENTICATION),
    ZeroDivisionError(),
]
REPORTS = [
    Finding.RELAYED,
    Finding.IN_MAILBOX,
    Finding.DELAYED,
    Finding.DISPLAYED,
    Finding.SIGNED,
    Finding.AUTOMATIC_REPLY,
    Finding.PERSONAL_REPLY,
    Finding.UNREADABLE,
]
OUTCOMES = {DeliveryState.RECALLED, DeliveryState.CANCELLED}


def is_accounted_for(delivery: Delivery) -> bool:
    """Whether it has an outcome, a next action, or a person."""
    return (
        delivery.settled or delivery.state in OUTCOMES or delivery.next_action_at is not None or needs_person(delivery)
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1])
def test_after_a_year_of_faults_nothing_is_forgotten(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    script = [chance.choice([HANDED_OVER] * 6 + FAULTS) for _ in range(5_000)]
    on = Stage(tmp_path, FakeChannel(*script))
    on.acceptance = on.authority.signer(Order(name="Acceptance", not_after=NOW + 3 * 365 * DAY))
    on.recipients()
    deliveries: list[str] = []
    for day in range(DAYS):
        if day % 2:
            deliveries.append(on.planned_and_rendered(package_id=str(uuid.uuid4())).id)
        for _ in range(LOOKS_A_DAY):
            on.clock.move(dt.timedelta(days=1) / LOOKS_A_DAY)
            on.deliver()
            _something_comes_back(on, chance, deliveries)
            on.reconcile(100)
            on.settle(100)
            _a_person_acts(on, chance, deliveries)
    forgotten = [one for one in map(on.delivery, deliveries) if not is_accounted_for(one)]
    assert forgotten == []
    stands = Counter(on.delivery(one).state for one in deliveries)
    assert sum(stands[one] for one in STANDING) > len(deliveries) / 4, stands
    assert sum(on.delivery(one).settled for one in deliveries) > len(deliveries) / 4, stands
    for one in deliveries:
        ends = [attempt.result for attempt in on.attempts(one)]
        assert ResultName.HANDED_OVER not in ends[:-1], "nothing that a carrier took is sent again by itself"
    on.close()


def _something_comes_back(on: Stage, chance: random.Random, deliveries: list[str]) -> None:
    """Reports of every kind, late, repeated and out of order, on what was sent of late."""
    for name in chance.sample(deliveries[-20:], k=min(3, len(deliveries))):
        delivery = on.delivery(name)
        if on.attempts(name) and chance.random() < 0.5:
            findings = [Finding.FAILED] if chance.random() < 0.1 else chance.sample(REPORTS, k=chance.randint(1, 2))
            on.keep(raw_of(on, delivery, *findings, mark=chance.randint(0, 50)), source="mail")
    on.reading(ScriptedReader())(50)


def _a_person_acts(on: Stage, chance: random.Random, deliveries: list[str]) -> None:
    """Settles now and then what is unconfirmed, as what they learnt says."""
    for name in deliveries[-10:]:
        if on.delivery(name).state is DeliveryState.UNCONFIRMED and chance.random() < 0.2:
            act = chance.choice([Action.CONFIRM_SENT, Action.CONFIRM_NOT_SENT])
            on.resolve(name, act, actor="clerk", reason="asked the carrier")
