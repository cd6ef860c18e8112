"""One round of the outcome feed: what is owed is composed, released, batched, sent, and let go of in its time."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from gateway.application import contexts
from gateway.application.feed.batches import Batches
from gateway.application.feed.compose import Compose
from gateway.application.feed.haste import after_recall
from gateway.application.intake.drop_intake import DropIntake, DropRound
from gateway.application.pauses import is_paused
from gateway.application.sealed import Vault
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Problem
from gateway.ports.clock import Clock
from gateway.ports.database import Database

T = TypeVar("T")
_WATCH = "outcome-feed"
_SOME = 100


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """When batches are opened: nightly from an hour on by the clock of the office, or whenever something may go.

    gather: for how long after a batch what may go in near real time is gathered for the next. Each batch costs both
    sides a signature, a key and an acknowledgement, however little is in it."""

    zone: ZoneInfo
    hour: int
    near_real_time: bool
    gather: dt.timedelta = dt.timedelta(0)

    def last(self, now: dt.datetime) -> dt.datetime:
        """The moment at which the newest night's round was to begin."""
        here = now.astimezone(self.zone)
        tonight = here.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        return tonight if tonight <= here else tonight - dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class FeedRound:
    """What one round came to. refused: acknowledgements that were set aside."""

    composed: int = 0
    batches: int = 0
    steps: int = 0
    acknowledged: int = 0
    refused: int = 0

    @property
    def done(self) -> int:
        """All together."""
        return self.composed + self.batches + self.steps + self.acknowledged + self.refused


class RunFeed:
    """Any number of processes may."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        compose: Compose,
        batches: Batches,
        answers: DropIntake,
        timetable: Timetable,
        clock: Clock,
    ) -> None:
        """answers: takes in the receiver's acknowledgements."""
        self._database = database
        self._vault = vault
        self._compose = compose
        self._batches = batches
        self._answers = answers
        self._timetable = timetable
        self._clock = clock

    def __call__(self, *, at_once: bool = False) -> FeedRound:
        """Does what is due. at_once: batches are opened whatever the hour is; what takes back an outcome that was told
        and recalled never waits for it.

        Raises a Problem that was met: what was done stays done, the rest is due still, and no step held up another.
        """
        met: list[Problem] = []
        came_to = self._round(met, at_once=at_once)
        if met:
            raise met[0]
        return came_to

    def _round(self, met: list[Problem], *, at_once: bool, most: int = _SOME) -> FeedRound:
        answered = _held(met, lambda: self._answers(_SOME), DropRound())
        composed = _held(met, lambda: self._compose(most, at_once=at_once), 0)
        composed += _held(met, lambda: self._compose.release(_SOME), 0)
        opened = steps = 0
        if not self._is_paused():
            opened = _held(met, lambda: self._open(at_once=at_once), 0)
            steps = _held(met, self._batches.send, 0)
        return FeedRound(
            composed=composed,
            batches=opened,
            steps=steps,
            acknowledged=answered.accepted,
            refused=answered.refused,
        )

    def _open(self, *, at_once: bool) -> int:
        if at_once:
            return self._batches.open()
        now = self._clock.now()
        if self._timetable.near_real_time:
            gathered = self._batches.is_time(now, self._timetable.gather)
            return self._batches.open() if gathered else self._batches.open_after_recall(after_recall())
        night = self._timetable.last(now)
        if not self._is_due(now, night):
            return self._batches.open_after_recall(after_recall())
        opened = self._batches.open()
        with self._database.write() as tx:  # not before: what breaks off is due still
            tx.watch.begin(_WATCH, now=now, every=now - night)
        self._expire()
        return opened

    def run(self) -> FeedRound:
        """Everything that can be done now, at a person's word. Raises a Problem that was met, after all the rest."""
        came_to, met = FeedRound(), list[Problem]()
        with self._database.look_up() as tx:
            owed = tx.feed.owed_count()  # all at once: those that cannot be opened end no round before the others
        while (one := self._round(met, at_once=True, most=max(owed, _SOME))).done:
            came_to = _sum(came_to, one)
        self._expire()
        if met:
            raise met[0]
        return came_to

    def _is_paused(self) -> bool:
        """By a person: nothing leaves; what comes in is heard all the same."""
        with self._database.look_up() as tx:
            return is_paused(tx, ChannelName.OUTCOME_FEED.value, self._clock.now())

    def _is_due(self, now: dt.datetime, night: dt.datetime) -> bool:
        """Asked each second: nothing is written until it is time."""
        with self._database.look_up() as tx:
            begun = tx.watch.begun_at(_WATCH)
        if begun is not None:
            return begun < night
        with self._database.write() as tx:  # who starts in the middle of a day waits for its night
            tx.watch.begin(_WATCH, now=now, every=now - night)
        return False

    def _expire(self) -> None:
        """The bytes of a batch go when every package in it has expired."""
        with self._database.read() as tx:
            found = tx.feed.expirable()
        for batch in found:
            with self._database.write() as tx:
                tx.registry.destroy_data_key(contexts.feed_batch(batch.id))
                tx.feed.save(replace(batch, object_name=None))
            self._vault.delete(batch.object_name or "")


def _held(met: list[Problem], step: Callable[[], T], nothing: T) -> T:
    """What the step came to; a Problem is kept for the end of the round."""
    try:
        return step()
    except Problem as problem:
        met.append(problem)
        return nothing


def _sum(one: FeedRound, other: FeedRound) -> FeedRound:
    add: Callable[[str], int] = lambda name: getattr(one, name) + getattr(other, name)  # noqa: E731
    return FeedRound(**{name: add(name) for name in vars(one)})
