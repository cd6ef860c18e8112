"""Batches, crashes and repeats at random: every item is in exactly one manifest, or still waits for one."""

import datetime as dt
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from gateway.application.mail_room.taking_out import Unfit
from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.dispatch import Step
from gateway.domain.parties import ChannelName, Language
from gateway.domain.problem import Conflict
from gateway.ports.database import Database, Transaction
from gateway.store.engine import SqlDatabase
from tests.application.mail_room import OFFICE, SIGNED, MailRoomStage
from tests.channels.mailing import POSTAL
from tests.store.on_postgresql import OnPostgresql

STEPS = 40


class PowerFailed(BaseException):
    """What nobody catches, and nothing cleans up after."""


class Failing:
    """A database that breaks off at its nth write: before it is committed, or just after."""

    def __init__(self, database: Database, *, at: int, committed: bool) -> None:
        self._database = database
        self._left = at
        self._committed = committed

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        self._left -= 1
        with self._database.write() as tx:
            yield tx
            if self._left == 0 and not self._committed:
                raise PowerFailed
        if self._left == 0:
            raise PowerFailed

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)


class _Play:
    """What may happen in a mail room, in any order."""

    def __init__(self, stage: MailRoomStage, seed: int) -> None:
        self.stage = stage
        self.dice = random.Random(seed)
        self.happened = Counter[str]()

    def step(self) -> None:
        name = self.dice.choice(
            [
                *("gather", "gather", "close", "crash", "together", "act", "unfit", "move", "hand_over", "cut_off"),
                *("print", "strike"),
            ]
        )
        self.happened[name] += 1
        getattr(self, name)()

    def gather(self) -> None:
        self.stage.gather(self.dice.randint(1, 3))

    def close(self) -> None:
        with suppress(Conflict):
            self.stage.close_manifest()

    def crash(self) -> None:
        """The power fails at any commit of closing, of taking out, or of a handover: before it or after."""
        self.broken_off(self.dice.choice([self.close, self.unfit, self.hand_over, self.cut_off]))

    def broken_off(self, what: Callable[[], None]) -> None:
        real = self.stage.database
        failing = Failing(real, at=self.dice.randint(1, 5), committed=self.dice.random() < 0.5)
        self.stage.database = failing  # type: ignore[assignment]
        try:
            with suppress(PowerFailed, Conflict):
                what()
        finally:
            self.stage.database = real

    def unfit(self) -> None:
        """Some turn out unfit at closing: made anew, or for a person."""
        codes = [one.reference for one in self.stage.waiting()]
        if codes:
            found = Unfit(codes=(self.dice.choice(codes),), why="Torn.", anew=self.dice.random() < 0.5)
            with suppress(Conflict):
                self.stage.close_manifest(unfit=found)

    def cut_off(self) -> None:
        """The cut-off passes, and what nobody closed is closed by itself."""
        self.stage.clock.at = self.stage.clock.at.replace(hour=22)
        self.stage.at_cut_offs(100)
        self.stage.clock.move(dt.timedelta(hours=20))

    def strike(self) -> None:
        """The carrier stands still: nothing waits in its batch; what certainly did not leave is gathered anew after, as
        what a clerk took off its manifest, by an act that broke off and was done again."""
        self.stage.calendar.suspend(self.stage.service, None, actor="clerk", reason="A strike.")
        self.stage.clock.move(dt.timedelta(minutes=2))
        self.stage.at_cut_offs(100)
        assert self.stage.waiting() == []
        self.broken_off(self.withdraw)
        self.check()
        self.withdraw()
        self.check()
        self.stage.calendar.restore(self.stage.service, actor="clerk", reason="It ended.")
        for step, work in ((Step.PLAN, self.stage.plan), (Step.RENDER, self.stage.render)):
            for claimed in self.stage.steps.claim(step, 100):
                work(claimed)
        while self.stage.deliver():
            pass

    def withdraw(self) -> None:
        with self.stage.database.read() as tx:
            open_ones = [one for one in tx.manifests.newest(100) if one.handed_over_at is None]
        if open_ones:
            number = self.dice.choice(open_ones).number
            self.stage.withdraw(number, actor="clerk", reason="No driver came.")

    def print(self) -> None:
        """The power fails while files are written; they are made again, the same."""
        with self.stage.database.read() as tx:
            newest = tx.manifests.newest(1)
        for one in newest:
            broken = islice(self.stage.files(one.number, Language.EN), self.dice.randint(1, 3))
            first = {file.name: file.content for file in broken}
            again = {file.name: file.content for file in self.stage.files(one.number, Language.EN)}
            assert first.items() <= again.items()

    def together(self) -> None:
        def close() -> None:
            with suppress(Conflict):
                self.stage.closer(self.stage.service, OFFICE, actor="clerk")

        closers = [threading.Thread(target=close) for _ in range(2)]
        for one in closers:
            one.start()
        for one in closers:
            one.join()

    def act(self) -> None:
        with self.stage.database.read() as tx:
            batched = tx.deliveries.find(state=DeliveryState.BATCHED, channel=None, limit=100)
        if batched:
            action = self.dice.choice([Action.HOLD, Action.CANCEL])
            self.stage.resolve(self.dice.choice(batched).id, action, actor="clerk", reason="At random.")

    def move(self) -> None:
        """The recipient moves; what was printed for the old address may not go."""
        self.stage.live_at(replace(POSTAL, lines=(f"{self.dice.randint(1, 9)} rue Principale",)))

    def hand_over(self) -> None:
        with self.stage.database.read() as tx:
            open_ones = [one for one in tx.manifests.newest(100) if one.handed_over_at is None]
        if open_ones:
            number = self.dice.choice(open_ones).number
            self.stage.hand_over(number, at=self.stage.clock.now(), signed=SIGNED, actor="clerk")

    def check(self) -> None:
        """Each attempt on one manifest at most; what is batched on one, or waiting; what left, by one it is on."""
        with self.stage.database.read() as tx:
            manifests = tx.manifests.newest(1000)
            listed = [item for one in manifests for item in tx.manifests.items(one.number)]
            waiting = {one.attempt for one in tx.manifests.waiting()}
            handed = {one.number for one in manifests if one.handed_over_at is not None}
            by_attempt = {one.attempt: one.manifest for one in listed}
            assert len(listed) == len(by_attempt)
            assert len({one.piece for one in listed}) == len(listed)
            assert all([one.place for one in tx.manifests.items(m.number)] for m in manifests), "an empty manifest"
            assert not waiting & by_attempt.keys()
            for delivery in tx.deliveries.find(state=None, channel=None, limit=1000):
                last = tx.deliveries.attempts(delivery.id)[-1]
                if delivery.state is DeliveryState.BATCHED:
                    assert last.result is ResultName.GATHERED
                    assert (last.id in waiting) != (last.id in by_attempt)
                    assert by_attempt.get(last.id) not in handed, "left out without a word"
                elif delivery.state is DeliveryState.HANDED_OVER:
                    assert by_attempt[last.id] in handed
                else:
                    assert last.id not in waiting


def play(stage: MailRoomStage, seed: int) -> None:
    """All of it, looked at after each step."""
    playing = _Play(stage, seed)
    for _ in range(STEPS):
        playing.step()
        playing.check()
    assert len(playing.happened) >= 8, playing.happened
    with suppress(Conflict):
        stage.close_manifest(late=True)
    assert stage.waiting() == []
    playing.check()


RANGE = "RN 10000000-10000999 CA"


@pytest.mark.parametrize("seed", range(6))
def test_every_item_is_in_exactly_one_manifest_whatever_happens(tmp_path: Path, seed: int) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, RANGE)
    play(stage, seed)
    stage.close()


@pytest.mark.real
class TestOnPostgresql(OnPostgresql):
    """The same on PostgreSQL."""

    @pytest.mark.parametrize("seed", [11, 12])
    def test_every_item_is_in_exactly_one_manifest_whatever_happens(
        self, tmp_path: Path, database: SqlDatabase, seed: int
    ) -> None:
        play(MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, RANGE, database=database), seed)
