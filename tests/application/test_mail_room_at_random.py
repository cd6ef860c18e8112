"""Batches, crashes and repeats at random: every item is in exactly one manifest, or still waits for one."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict
from gateway.ports.database import Database, Transaction
from tests.application.mail_room import OFFICE, SIGNED, MailRoomStage
from tests.channels.mailing import POSTAL

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
        name = self.dice.choice(["gather", "gather", "close", "crash", "together", "act", "move", "hand_over"])
        self.happened[name] += 1
        getattr(self, name)()

    def gather(self) -> None:
        self.stage.gather(self.dice.randint(1, 3))

    def close(self) -> None:
        with suppress(Conflict):
            self.stage.close_manifest()

    def crash(self) -> None:
        real = self.stage.database
        failing = Failing(real, at=self.dice.randint(1, 2), committed=self.dice.random() < 0.5)
        self.stage.database = failing  # type: ignore[assignment]
        try:
            with suppress(PowerFailed, Conflict):
                self.stage.close_manifest()
        finally:
            self.stage.database = real

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


@pytest.mark.parametrize("seed", range(6))
def test_every_item_is_in_exactly_one_manifest_whatever_happens(tmp_path: Path, seed: int) -> None:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, "RN 10000000-10000999 CA")
    play = _Play(stage, seed)
    for _ in range(STEPS):
        play.step()
        play.check()
    assert len(play.happened) >= 6, play.happened
    with suppress(Conflict):
        stage.close_manifest()
    assert stage.waiting() == []
    play.check()
    stage.close()
