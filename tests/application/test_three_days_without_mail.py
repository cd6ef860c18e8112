"""The mail server is down for three days, with a clock that the test moves: what has another way takes it in time for
its standard, what has none is with a person before its due date, and once the server is back nothing is sent twice."""

import datetime as dt
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.application.rules import retry_policy
from gateway.domain.acts import Action
from gateway.domain.delivery import AttemptResult, Delivery, DeliveryState, ResultName, needs_person
from gateway.domain.dispatch import Step
from gateway.domain.failures import MaybeSent, NotSent
from gateway.domain.reasons import Reason
from gateway.ports.channels import Prepared
from tests.application.packages import minimal
from tests.application.stage import Stage, TestClock
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel
from tests.keys.pki import DAY, NOW, Order

TORONTO = ZoneInfo("America/Toronto")
MONDAY = dt.datetime(2026, 11, 23, 9, 5, tzinfo=TORONTO).astimezone(dt.UTC)
DOWN_FROM, BACK_AT = MONDAY + dt.timedelta(hours=24), MONDAY + dt.timedelta(hours=96)
STEP = dt.timedelta(hours=1)
DAYS = 8
WAYS: dict[str, tuple[str, ...]] = {"mail-only": (), "mail-fax": ("fax",), "mail-courier": ("courier",)}
SHAPES = ["RPD", "RAD", "IAD", "ID", "ID-oral"]


class House(FakeChannel):
    """A mail server with a clock: between two moments nobody answers, and what it was taking then was cut off, some of
    it after it had it whole."""

    def __init__(self, name: str, clock: TestClock | None = None) -> None:
        super().__init__(name=name)
        self.clock = clock
        self.arrived: list[str] = []
        self.cut = 0

    async def _send(self, prepared: Prepared) -> AttemptResult:
        now = self.clock.now() if self.clock else MONDAY
        if not DOWN_FROM <= now < BACK_AT:
            self.arrived.append(prepared.reference)
            return HANDED_OVER
        if now < DOWN_FROM + STEP and self.cut < 6:
            self.cut += 1
            if self.cut % 2:
                self.arrived.append(prepared.reference)
            return MaybeSent(reason=Reason.SMTP_UNCERTAIN)
        return NotSent(reason=Reason.SMTP_CONNECT)


@dataclass
class Drill:
    """What went on. called: when each delivery was first with a person."""

    on: Stage
    mail: House
    ways: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    called: dict[str, dt.datetime] = field(default_factory=dict)

    def submit(self, way: str, shape: str) -> None:
        """A decision just signed, or just stated."""
        division, oral = shape.removesuffix("-oral"), shape.endswith("-oral")
        signed = {"signed_at": self.on.clock.now().isoformat()}
        stated = {"form": "oral", "rendered_at": self.on.clock.now().isoformat()} if oral else {}
        delivery = self.on.planned_and_rendered(
            division=division,
            package_id=str(uuid.uuid4()),
            decision=minimal(division)["decision"] | signed | stated,
            participants=[{"id": "m1", "roles": ["minister-counsel"], "recipient": way}],
        )
        self.ways[delivery.id], self.shapes[delivery.id] = way, shape

    def work(self) -> None:
        """All that is due now, and a look at who is called."""
        self.on.reconcile(100)
        self.on.move_on(1000)
        while self.on.deliver():
            pass
        for one in self.standing():
            if needs_person(one):
                self.called.setdefault(one.id, self.on.clock.now())

    def standing(self) -> Iterator[Delivery]:
        """All deliveries as they stand."""
        with self.on.database.read() as tx:
            yield from tx.deliveries.find(state=None, channel=None, limit=10_000)

    def a_person_acts(self) -> None:
        """Once the server is back: what is unconfirmed is asked of its log, and the rest is tried again."""
        for one in self.standing():
            if one.state is DeliveryState.UNCONFIRMED:
                arrived = self.on.attempts(one.id)[-1].reference in self.mail.arrived
                act = Action.CONFIRM_SENT if arrived else Action.CONFIRM_NOT_SENT
                self.on.resolve(one.id, act, actor="clerk", reason="the server's log says so")
            elif needs_person(one):
                self.on.resolve(one.id, Action.RETRY, actor="clerk", reason="the server is back")
        for step, work in ((Step.PLAN, self.on.plan), (Step.RENDER, self.on.render)):
            for dispatch in self.on.steps.claim(step, 1000):
                work(dispatch)


def drilled(folder: Path) -> Drill:
    """The week."""
    random.seed(1)  # how far each wait is spread
    mail = House("encrypted-email")
    on = Stage(folder, mail, House("fax"), House("courier"))
    on.clock.at, on.retry_policy = MONDAY, retry_policy("encrypted-email")
    mail.clock = on.clock
    on.acceptance = on.authority.signer(Order(name="Acceptance", not_after=NOW + 365 * DAY))
    for way, also in WAYS.items():
        on.recipients(way, also=also)
    drill = Drill(on=on, mail=mail)
    kinds = [(way, shape) for shape in SHAPES for way in WAYS] * 14
    while on.clock.now() < MONDAY + DAYS * DAY:
        office = on.clock.now().astimezone(TORONTO)
        if office.weekday() < 5 and 9 <= office.hour < 17:
            for _ in range(6):
                if kinds:
                    drill.submit(*kinds.pop(0))
        drill.work()
        if on.clock.now() == BACK_AT + 2 * STEP:
            drill.a_person_acts()
        on.clock.move(STEP)
    assert not kinds
    return drill


def path_of(drill: Drill, delivery: Delivery) -> str:
    """How it went, in a word that the counts are kept under."""
    called = drill.called.get(delivery.id)
    if any(one.result is ResultName.MAYBE_SENT for one in drill.on.attempts(delivery.id)):
        return "cut off: a person asked the server"
    if called is not None:
        return "no other way: a person" + (", within the day" if drill.shapes[delivery.id] == "ID-oral" else " in time")
    if delivery.channel != "encrypted-email":
        return f"over to {delivery.channel}"
    tried = len(drill.on.attempts(delivery.id))
    return "e-mail at once" if tried == 1 else "e-mail, once the server was back"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_three_days_without_a_mail_server_make_nothing_late_and_nothing_twice(tmp_path: Path) -> None:
    drill = drilled(tmp_path)
    on, paths = drill.on, defaultdict[str, list[Delivery]](list)
    for one in drill.standing():
        paths[path_of(drill, one)].append(one)
    for name, found in sorted(paths.items()):
        print(f"{len(found):4}  {name}")
    assert sum(map(len, paths.values())) >= 200
    assert set(paths) == {
        "e-mail at once",
        "e-mail, once the server was back",
        "over to fax",
        "over to courier",
        "no other way: a person in time",
        "no other way: a person, within the day",
        "cut off: a person asked the server",
    }
    assert Counter(one.state for one in drill.standing()) == {DeliveryState.HANDED_OVER: len(drill.ways)}
    for name in ("e-mail at once", "e-mail, once the server was back", "over to fax", "over to courier"):
        for one in paths[name]:
            assert one.due is not None
            assert sent_on(drill, one) <= one.due, (name, one)
    for one in paths["no other way: a person in time"]:
        assert one.due is not None
        assert drill.called[one.id].astimezone(TORONTO).date() < one.due
    for one in paths["no other way: a person, within the day"]:
        assert drill.called[one.id].astimezone(TORONTO).date() == one.due
    nothing_twice(drill)
    on.close()


def sent_on(drill: Drill, delivery: Delivery) -> dt.date:
    """The day on which a carrier took it, at the office."""
    last = drill.on.attempts(delivery.id)[-1]
    assert last.result is ResultName.HANDED_OVER
    assert last.finished_at is not None
    return last.finished_at.astimezone(TORONTO).date()


def nothing_twice(drill: Drill) -> None:
    """By what arrived, whatever the gateway believes of it."""
    arrived = [one for channel in drill.on.channels.values() for one in channel.arrived]  # type: ignore[attr-defined]
    of = {attempt.reference: delivery for delivery in drill.ways for attempt in drill.on.attempts(delivery)}
    assert Counter(of[reference] for reference in arrived) == dict.fromkeys(drill.ways, 1)
