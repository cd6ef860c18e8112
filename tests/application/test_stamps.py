"""Stamps over checkpoints: asked for outside any transaction, owed until they come, and never in a checkpoint's way."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application.ledger.checkpoints import MakeCheckpoints
from gateway.application.ledger.stamps import AT_ONCE, REST, StampCheckpoints
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, Problem, ServiceDown
from gateway.domain.stamps import Stamp
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel
from tests.contracts.ledger import Shelf, signer
from tests.contracts.samples import an_event


class ScriptedAuthority:
    """A stand-in. `meets`: what a question meets; None: it is answered."""

    def __init__(self, on: Stage) -> None:
        self._on = on
        self.meets: Problem | None = None
        self.asked: list[bytes] = []

    def ask(self, content: bytes) -> Stamp:
        """See `StampAuthority`."""
        self.asked.append(content)
        with self._on.database.write():
            """Nobody writes while the network is asked: on SQLite this would wait for ourselves."""
        if self.meets is not None:
            raise self.meets
        return Stamp(query=b"q", answer=content)

    def verify(self, content: bytes, stamp: Stamp) -> dt.datetime:
        """See `StampAuthority`."""
        raise AssertionError

    def certificates(self) -> bytes:
        """See `StampAuthority`."""
        return b""


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


def checkpoint(on: Stage) -> None:
    with on.database.write() as tx:
        tx.records.append(an_event())
    MakeCheckpoints(
        database=on.database,
        signer=signer(),
        place=Shelf(),
        every=dt.timedelta(minutes=1),
        clock=on.clock,
        stamped=True,
    ).run()


def owed(on: Stage) -> int:
    with on.database.read() as tx:
        found = tx.ledger.owed_stamps()
    return found.count if found else 0


@pytest.mark.parametrize("met", [ServiceDown(Code.STAMP_UNAVAILABLE), InputRefused(Code.STAMP_REFUSED)])
def test_an_authority_that_gives_none_is_asked_again_after_a_rest_and_the_newest_first(on: Stage, met: Problem) -> None:
    authority = ScriptedAuthority(on)
    stamps = StampCheckpoints(database=on.database, authority=authority, clock=on.clock)
    authority.meets = met
    checkpoint(on)
    checkpoint(on)
    assert (stamps().stopped, owed(on), len(authority.asked)) == (met, 2, 1)
    authority.meets = None
    assert stamps().done == 0, "it rests"
    on.clock.move(REST)
    checkpoint(on)
    assert (stamps().done, owed(on)) == (3, 0)
    with on.database.read() as tx:
        notes = [one.note.encode() for one in tx.ledger.checkpoints()]
        assert [stamp.answer for _, stamp in tx.ledger.stamps()] == notes
    assert authority.asked == [notes[1], *reversed(notes)]
    assert stamps().done == 0


def test_after_a_long_outage_they_are_asked_for_a_round_at_a_time(on: Stage) -> None:
    for _ in range(AT_ONCE + 3):
        checkpoint(on)
    stamps = StampCheckpoints(database=on.database, authority=ScriptedAuthority(on), clock=on.clock)
    assert (stamps().done, owed(on)) == (AT_ONCE, 3)
    assert (stamps().done, owed(on)) == (3, 0)


def test_without_an_authority_nothing_is_asked(on: Stage) -> None:
    checkpoint(on)
    assert StampCheckpoints(database=on.database, authority=None, clock=on.clock)().done == 0
