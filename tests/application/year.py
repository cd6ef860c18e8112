"""A year of the gateway with a clock that the test moves: decisions of every division go out by every kind of way, and
every kind of fault befalls them. The jobs are those of production (`gateway.worker.loops`,
`gateway.bootstrap.sweeping`), at a few hours of each day.
"""

import asyncio
import datetime as dt
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.application.acts.service_record import HandService
from gateway.application.recalls.recall import Recall
from gateway.application.rules import retry_policy
from gateway.domain.acts import Action
from gateway.domain.delivery import CALLING, Delivery, DeliveryState, needs_person
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event
from gateway.domain.failures import Refused
from gateway.domain.parties import RecipientChannel
from gateway.domain.reasons import Reason
from gateway.ports.database import Database, Transaction
from gateway.ports.incoming import Handling
from gateway.ports.registry import ChannelPause
from tests.application.packages import minimal
from tests.application.stage import Stage
from tests.application.test_receiving import ScriptedReader
from tests.application.year_carriers import DAY, Carrier, Deck, Killed, Post, one_in
from tests.channels.mailing import POSTAL
from tests.keys.pki import NOW, Order

TORONTO = ZoneInfo("America/Toronto")
FIRST = dt.datetime(2026, 11, 23, 8, 0, tzinfo=TORONTO).astimezone(dt.UTC)
DAYS, AFTERWARDS = 365, 60
WAYS: dict[str, tuple[str, ...]] = {
    "mail": ("encrypted-email",),
    "mail-fax": ("encrypted-email", "fax"),
    "mail-upload-courier": ("encrypted-email", "secure-upload", "courier"),
    "upload": ("secure-upload", "courier"),
    "fax": ("fax", "courier"),
    "post": ("registered-mail",),
    "letter": ("regular-mail",),
}
SHAPES = ("RPD", "RAD", "IAD", "ID")
HOURS = (9, 14)
"""Of a working day, at which the jobs run; of another day once."""
STRIKE, STORM, EXPIRED_KEY, PAUSED = (240, 268), 43, (150, 157), (56, 72)
"""Days of the year: a strike of the carrier; an office closed for snow; keys run out; staff pause a channel."""


_PACE = [4 if 36 <= day < 72 else 1 for day in range(DAYS)]
"""Of packages: some weeks are busy, and outages come at the worst time."""


class EveryChangeTold:
    """A database in which no delivery moves without an event of it in the same transaction."""

    def __init__(self, inner: Database) -> None:
        self.inner = inner
        self.silent: list[tuple[Delivery, Delivery]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """See `Database`."""
        with self.inner.write() as tx:
            told, moved = set[str | None](), list[tuple[Delivery, Delivery]]()
            save, append = tx.deliveries.save, tx.records.append

            def saved(delivery: Delivery) -> None:
                moved.append((tx.deliveries.get(delivery.id), delivery))
                save(delivery)

            def appended(*events: Event) -> None:
                told.update(one.delivery for one in events)
                append(*events)

            tx.deliveries.save, tx.records.append = saved, appended  # type: ignore[method-assign]
            yield tx
            self.silent += [(was, now) for was, now in moved if _shown(was) != _shown(now) and now.id not in told]


def _shown(delivery: Delivery) -> tuple[object, ...]:
    """What a person sees of it."""
    return delivery.state, delivery.reason, delivery.settled, delivery.channel


class YearStage(Stage):
    """A stage whose every writing transaction is watched."""

    def _join(self) -> None:
        self.watched = EveryChangeTold(self.database)
        self.database = self.watched  # type: ignore[assignment]
        super()._join()

    def deliver(self) -> int:
        """One attempt after the other, so that a seed's year is the same each time; a kill leaves the rest in hand."""
        claimed = self.claim(10)

        async def make() -> None:
            for item in claimed:
                await self.make(*item)

        asyncio.run(make())
        return len(claimed)


class Year:
    """Everything by one seed."""

    def __init__(self, folder: Path, *, seed: int, packages: int) -> None:
        self.dice, self.faults = random.Random(seed), Counter[str]()
        self.post = Post(self.dice, self.faults)
        self.changes_of_mind = Deck(self.dice, ["recalled", "cancelled", "held", "legal hold"])
        self.mind_changes, self.errs = one_in(30, self.dice), one_in(5, self.dice)
        self.loses, self.forges = one_in(60, self.dice), one_in(40, self.dice)
        self.divisions, self.ways = Deck(self.dice, SHAPES), Deck(self.dice, list(WAYS))
        self.on = on = YearStage(folder)
        on.clock.at = FIRST
        names = dict.fromkeys(channel for ways in WAYS.values() for channel in ways)
        self.carriers = {name: Carrier(name, on.clock, self.post, self._at_once) for name in names}
        on.channels.update(self.carriers)
        on.retry_policies = {name: retry_policy(name) for name in names}
        on.acceptance = on.authority.signer(Order(name="Acceptance", not_after=NOW + 3 * 365 * DAY))
        for name, ways in WAYS.items():
            mailed = ways[0] == "encrypted-email"  # with a key, which the stage knows to give
            on.recipients(name, way=None if mailed else RecipientChannel(type=ways[0], postal=POSTAL), also=ways[1:])
        self.retention = on.retention()
        self.recall = Recall(database=on.database, vault=on.vault, clock=on.clock)
        self.packages, self.submitted = packages, 0
        self.calm = False
        self.under_hold: set[str] = set()
        self.expired = 0

    def run(self) -> None:
        """The year."""
        for day in range(DAYS):
            self._calendar(day)
            self._day(self.packages * sum(_PACE[: day + 1]) // sum(_PACE) - self.submitted)

    def come_to_rest(self) -> None:
        """Nothing new, nothing fails any more, and whoever is called comes."""
        self.calm = True
        for carrier in self.carriers.values():
            carrier.calm = True
        for _ in range(AFTERWARDS):
            self._day(0)

    def expire(self) -> None:
        """Two years on."""
        self.on.clock.at += 2 * 366 * DAY
        self.expired = len(self.retention.run_if_due())

    def _day(self, packages: int) -> None:
        midnight = self.on.clock.at.astimezone(TORONTO).replace(hour=0)
        works = midnight.weekday() < 5
        for hour in HOURS if works else HOURS[:1]:
            self.on.clock.at = midnight.replace(hour=hour).astimezone(dt.UTC)
            share, packages = (0, packages) if not works else (-(-packages // 2), packages // 2)
            for _ in range(share):
                self._submit()
            self._jobs()
            if works and hour == HOURS[-1]:
                self._staff()
                self._plan_and_render()
                self._jobs()
        self.on.clock.at = (midnight + DAY).replace(hour=8).astimezone(dt.UTC)

    def _calendar(self, day: int) -> None:
        on, by = self.on, {"actor": "clerk", "reason": "as announced"}
        for channel in ("registered-mail", "regular-mail"):
            if day == STRIKE[0]:
                on.calendar.suspend(channel, None, **by)
            if day == STRIKE[1]:
                on.calendar.restore(channel, **by)
                self._plan_and_render()
        if day == STORM:
            on.calendar.close(on.clock.at.astimezone(TORONTO).date(), "toronto", **by)
        if day == PAUSED[0]:
            self._pause("encrypted-email", PAUSED[1] - PAUSED[0])
        if day in EXPIRED_KEY:
            on.key_standing = Refused(reason=Reason.KEY_EXPIRED) if day == EXPIRED_KEY[0] else None

    def _pause(self, channel: str, days: int) -> None:
        self.faults["paused by staff"] += 1
        now = self.on.clock.now()
        pause = ChannelPause(channel=channel, since=now, until=now + days * DAY, reason="migration of the mail server")
        with self.on.database.write() as tx:
            tx.registry.pause_channel(pause)

    def _submit(self) -> None:
        """A decision just signed."""
        self.submitted += 1
        division = self.divisions.draw()
        dispatch = self.on.accept(
            division=division,
            package_id=str(uuid.UUID(int=self.dice.getrandbits(128))),
            decision=minimal(division)["decision"] | {"signed_at": self.on.clock.now().isoformat()},
            participants=[{"id": "m1", "roles": ["minister-counsel"], "recipient": self.ways.draw()}],
        )
        self._plan_and_render()
        if self.mind_changes.draw():
            self._change_of_mind(dispatch)

    def _change_of_mind(self, dispatch: Dispatch) -> None:
        on, by = self.on, {"actor": "clerk", "reason": "the member asked for it"}
        (delivery,) = on.deliveries(dispatch.id)
        what = self.changes_of_mind.draw()
        self.faults[what] += 1
        if what == "recalled":
            self.recall(dispatch.id, actor=by["actor"], reason=by["reason"])
        elif what == "legal hold":
            self.retention.hold(dispatch.id, **by)
            self.under_hold.add(delivery.id)
        else:
            on.resolve(delivery.id, Action.CANCEL if what == "cancelled" else Action.HOLD, **by)

    def _plan_and_render(self) -> None:
        on = self.on
        for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
            while claimed := on.steps.claim(step, 100):
                for dispatch in claimed:
                    work(dispatch)

    def _jobs(self) -> None:
        """What production does of its own accord, in its order; what came back is read as it comes."""
        on = self.on
        self._send()
        for raw in self.post.come(on.clock.now()):
            self._take_in(raw)
        self._read()
        self.retention.run_if_due()
        self.faults["lease lapsed"] += on.reconcile(100)
        on.move_on(1000)
        on.unconfirmed(100)
        while on.settle(100) == 100:
            pass
        self.faults["forgotten"] += on.catch_forgotten(100)

    def _send(self) -> None:
        while True:
            struck = self.dice.randrange(150) == 0 or not self.faults["killed before sending"]
            if not self.calm and struck and self.on.claim(1):
                self.faults["killed before sending"] += 1
            try:
                if not self.on.deliver():
                    return
            except Killed:
                return

    def _take_in(self, raw: bytes) -> None:
        if not self.calm and self.loses.draw():
            self.faults["lost on the way back"] += 1
            return
        if not self.calm and self.forges.draw():
            self.faults["forged"] += 1
            forged = b'["%032x", "failed"]' % self.dice.getrandbits(128)
            self.on.keep(forged, source="mail")
        self.faults["came twice"] += self.on.keep(raw, source="mail") is None

    def _at_once(self, raw: bytes) -> None:
        """A report that is here before we have written that we sent anything."""
        incoming = self.on.keep(raw, source="mail")
        assert incoming is not None
        self._read()
        with self.on.database.read() as tx:
            self.faults["before the commit"] += tx.incoming.get(incoming.id).handling is Handling.WAITING

    def _read(self) -> None:
        read = self.on.reading(ScriptedReader())
        while read(100):
            pass

    def all(self) -> list[Delivery]:
        """Every delivery as it stands."""
        with self.on.database.read() as tx:
            return list(tx.deliveries.find(state=None, channel=None, limit=1_000_000))

    def _staff(self) -> None:
        """People see to what waits for them, most of it within days, and are wrong now and then."""
        for one in self.all():
            if needs_person(one) and (self.calm or self.dice.random() < 0.4):
                self._sees_to(one)
            elif one.state is DeliveryState.HELD and (self.calm or self.dice.random() < 0.2):
                self._resolve(one, Action.RELEASE)
        with self.on.database.read() as tx:
            waiting = tx.incoming.find(handling=Handling.FOR_PERSON, limit=100)
        for incoming in waiting:
            self.on.close_incoming(incoming.id, actor="clerk", reason="read")

    def _sees_to(self, delivery: Delivery) -> None:
        if delivery.state is DeliveryState.UNCONFIRMED or delivery.reason is Reason.SHOWN_SENT:
            sent = self._has_arrived(delivery)
            if not self.calm and self.errs.draw():
                sent = not sent
                self.faults["a person was wrong"] += 1
            self._resolve(delivery, Action.CONFIRM_SENT if sent else Action.CONFIRM_NOT_SENT)
        elif delivery.reason is Reason.CARRIER_SUSPENDED and not self.calm:
            return  # nothing to be done before the strike is over
        elif delivery.reason in CALLING or self.calm or self.dice.random() < 0.4:
            self._serves(delivery)
        elif delivery.state is DeliveryState.FAILED and self.dice.random() < 0.1:
            self._resolve(delivery, Action.CANCEL)
        else:
            self._resolve(delivery, Action.RETRY)

    def _resolve(self, delivery: Delivery, action: Action) -> None:
        self.faults[f"person: {action.value}"] += 1
        self.on.resolve(delivery.id, action, actor="clerk", reason="asked, and was told so")

    def _serves(self, delivery: Delivery) -> None:
        self.faults["person: record-service"] += 1
        service = HandService(at=self.on.clock.now(), place="the counter", handed_to="them", proof=b"%PDF signed")
        self.on.record_service(delivery.id, service, actor="clerk", reason="they came for it")

    def _has_arrived(self, delivery: Delivery) -> bool:
        attempt = self.on.attempts(delivery.id)[-1]
        return self.carriers[attempt.channel].has(attempt.reference)
