"""Acts of two people, or of one whose answer was lost: each is told what stands, and by whom."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

from gateway.application.pauses import FOR_GOOD, Pauses
from gateway.application.recalls.recall import Recall
from gateway.application.recalls.recall_report import RecallReports
from gateway.domain.codes import Code
from gateway.domain.events import EventName
from gateway.domain.problem import Conflict, ServiceDown
from gateway.domain.reasons import Reason
from gateway.ports.database import Database, Transaction
from gateway.ports.registry import ChannelPause
from gateway.store.engine import SqlDatabase
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel
from tests.store.on_postgresql import OnPostgresql

WHY = "wrong counsel"
MAIL = "encrypted-email"
FOR_A_LOCK = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'channel_pauses'::regclass")


@dataclass
class LosesAnswers:
    """The database; of the first writings it commits and says that it does not answer."""

    real: Database
    losses: int = 1

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """See `Database`."""
        with self.real.write() as tx:
            yield tx
        if self.losses:
            self.losses -= 1
            raise ServiceDown(Code.DATABASE_UNAVAILABLE, result="08006")


def test_a_recall_that_stood_when_its_answer_was_lost_is_done_once_and_told_as_done(tmp_path: Path) -> None:
    on = Stage(tmp_path, FakeChannel())
    on.recipients()
    dispatch, reports = on.accept().id, RecallReports(database=on.database)
    loses = cast("Database", LosesAnswers(on.database))
    Recall(database=loses, vault=on.vault, clock=on.clock)(dispatch, actor="clerk", reason=WHY, seen=0)
    recalls = cast("list[dict[str, object]]", reports(dispatch, viewer=None)["recalls"])
    assert [(one["by"], one["at"]) for one in recalls] == [("clerk", on.clock.now().isoformat())]
    with pytest.raises(Conflict) as stale:
        Recall(database=on.database, vault=on.vault, clock=on.clock)(dispatch, actor="head", reason=WHY, seen=0)
    assert stale.value.code is Code.DISPATCH_RECALLED_MEANWHILE
    on.close()


@pytest.mark.real
class TestPausesAtOnce(OnPostgresql):
    """SQLite has one writer: only here are there two at once."""

    def test_the_second_of_two_pauses_of_a_channel_waits_for_the_first_and_is_told(
        self, tmp_path: Path, database: SqlDatabase
    ) -> None:
        on = Stage(tmp_path, FakeChannel(), database=database)
        pauses = Pauses(database=database, vault=on.vault, clock=on.clock)
        first = ChannelPause(channel=MAIL, since=on.clock.now(), until=FOR_GOOD, reason=Reason.PAUSED_BY_PERSON.value)
        with ThreadPoolExecutor(1) as threads:
            with database.write() as tx:
                assert tx.registry.pauses(lock=True) == []
                second = threads.submit(pauses.pause, MAIL, actor="bob", reason=WHY)
                assert waits(database, second), "the second did not wait for the first"
                tx.registry.pause_channel(first)
            with pytest.raises(Conflict) as told:
                second.result()
        assert told.value.code is Code.CHANNEL_PAUSED
        with database.read() as tx:
            assert tx.registry.pauses() == [first]
            assert list(tx.records.events_besides(EventName.CHANNEL_PAUSED)) == []  # the first here recorded none
        on.close()


def waits(database: SqlDatabase, second: "Future[ChannelPause]") -> bool:
    """Once somebody waits for the table; False once the second has ended without."""
    with database._reading.connect() as connection:
        while not second.done():
            if connection.scalar(FOR_A_LOCK):
                return True
    return False
