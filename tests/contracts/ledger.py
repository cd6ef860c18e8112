"""What every ledger keeps to: whatever is done to its rows behind its back is found, and where."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import pytest
import sqlalchemy as sa

from gateway.application.ledger.checkpoints import MakeCheckpoints
from gateway.application.ledger.verify import LedgerReport, VerifyLedger
from gateway.domain.ledger import LedgerFault, LedgerFinding, canonical, link
from gateway.domain.stamps import Stamp
from gateway.ports.ledger import OwedStamps
from gateway.store.engine import SqlDatabase
from gateway.store.transaction import SqlTransaction
from keys.cades import SigningKey
from keys.checkpoint_notes import NoteSigner
from tests.contracts.samples import MINUTE, NOW, an_event, stored_deliveries
from tests.keys.pki import Authority

Tamper = Callable[[sa.Connection, str], None]


STAMP = Stamp(query=b"asked", answer=b"answered")


class Shelf:
    """A stand-in for the place of checkpoints, which nobody else can reach."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    def keep(self, name: str, note: str) -> None:
        """See `CheckpointPlace`."""
        self.notes.setdefault(name, note)

    def kept(self) -> Sequence[tuple[str, str]]:
        """See `CheckpointPlace`."""
        return list(self.notes.items())


class Standing:
    """A clock."""

    at = NOW

    def now(self) -> dt.datetime:
        """See `Clock`."""
        return self.at


@cache
def key() -> SigningKey:
    """One key for all tests."""
    return Authority.root().signer()


def signer() -> NoteSigner:
    """Signs with it."""
    return NoteSigner(key, lambda: [key().certificate])


def checkpointing(database: SqlDatabase, shelf: Shelf | None = None, clock: Standing | None = None) -> MakeCheckpoints:
    """Makes checkpoints, one a minute at most."""
    return MakeCheckpoints(database=database, signer=signer(), place=shelf, every=MINUTE, clock=clock or Standing())


def verified(database: SqlDatabase, shelf: Shelf | None = None) -> LedgerReport:
    """What the verification says."""
    return VerifyLedger(database=database, signer=signer(), place=shelf)()


def faults(report: LedgerReport) -> set[LedgerFault]:
    """The kinds of what was found."""
    return {one.fault for one in report.findings}


def do(text: str) -> Tamper:
    """A statement over the rows; `:d` is a delivery with five events."""

    def tamper(connection: sa.Connection, delivery: str) -> None:
        statement = sa.text(text)
        done = connection.execute(statement, {"d": delivery} if ":d" in text else {})
        assert done.rowcount > 0

    return tamper


def swap(connection: sa.Connection, delivery: str) -> None:
    """The second event and the third change places."""
    for before, after in ((2, -2), (3, 2), (-2, 3)):
        connection.execute(
            sa.text("UPDATE events SET sequence = :a WHERE chain = :d AND sequence = :b"),
            {"a": after, "b": before, "d": delivery},
        )


def insert(connection: sa.Connection, delivery: str) -> None:
    """An event between the second and the third."""
    connection.execute(
        sa.text("UPDATE events SET sequence = -sequence - 1 WHERE chain = :d AND sequence > 2"), {"d": delivery}
    )
    connection.execute(sa.text("UPDATE events SET sequence = -sequence WHERE sequence < 0"))
    connection.execute(
        sa.text(
            "INSERT INTO events (name, at, actor, delivery, facts, chain, sequence, link)"
            " SELECT name, at, actor, delivery, facts, chain, 3, link FROM events WHERE chain = :d AND sequence = 2"
        ),
        {"d": delivery},
    )


TAMPERINGS: dict[str, tuple[Tamper, LedgerFault]] = {
    "a fact is changed": (do("UPDATE events SET facts = '{}' WHERE chain = :d AND sequence = 3"), LedgerFault.CHANGED),
    "a moment is changed": (do("UPDATE events SET at = at + 1 WHERE chain = :d AND sequence = 3"), LedgerFault.CHANGED),
    "an actor is changed": (do("UPDATE events SET actor = 'x' WHERE chain = :d AND sequence = 3"), LedgerFault.CHANGED),
    "a sealed reason is taken out": (
        do("UPDATE events SET reason = NULL WHERE chain = :d AND sequence = 3"),
        LedgerFault.CHANGED,
    ),
    "a row is made unreadable": (
        do("UPDATE events SET facts = 'x' WHERE chain = :d AND sequence = 3"),
        LedgerFault.UNREADABLE,
    ),
    "an event is given to another delivery": (
        do("UPDATE events SET delivery = 'other' WHERE chain = :d AND sequence = 3"),
        LedgerFault.CHANGED,
    ),
    "the first event is dropped": (do("DELETE FROM events WHERE chain = :d AND sequence = 1"), LedgerFault.MISSING),
    "one in the middle is dropped": (do("DELETE FROM events WHERE chain = :d AND sequence = 3"), LedgerFault.MISSING),
    "the last event is dropped": (do("DELETE FROM events WHERE chain = :d AND sequence = 5"), LedgerFault.MISSING),
    "a whole chain is dropped": (do("DELETE FROM events WHERE chain = :d"), LedgerFault.MISSING),
    "one of the house's is dropped": (do("DELETE FROM events WHERE chain LIKE 'house/%'"), LedgerFault.FEWER),
    "every event is dropped": (do("DELETE FROM events"), LedgerFault.FEWER),
    "two events change places": (swap, LedgerFault.CHANGED),
    "one is inserted": (insert, LedgerFault.CHANGED),
    "the checkpoints are dropped": (do("DELETE FROM checkpoints"), LedgerFault.UNCOVERED),
    "a checkpoint is changed": (do("UPDATE checkpoints SET note = 'x'"), LedgerFault.NOT_SIGNED),
}


class LedgerContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    @pytest.fixture
    def delivery(self, database: SqlDatabase) -> str:
        """One with five events, others around it, all under a checkpoint."""
        first, second = (one.id for one in stored_deliveries(database, {}, {}))
        for number in range(5):
            with database.write() as tx:
                tx.records.append(an_event(dispatch="d", delivery=first, facts={"number": number}, reason=b"sealed"))
                tx.records.append(an_event(dispatch="d", delivery=second))
        with database.write() as tx:
            tx.records.append(an_event(dispatch="d"))
            tx.records.append(an_event())
        assert checkpointing(database).run() >= 12
        return first

    def test_an_untouched_ledger_holds(self, database: SqlDatabase, delivery: str) -> None:
        with database.write() as tx:
            tx.records.append(an_event(delivery=delivery))
            tx.records.append(an_event(delivery=delivery))
        report = verified(database)
        assert (report.findings, report.events - report.covered, report.checkpoints) == ((), 2, 1)
        assert checkpointing(database).run() == 2
        report = verified(database)
        assert (report.findings, report.events - report.covered, report.checkpoints) == ((), 0, 2)

    def test_an_empty_ledger_holds(self, database: SqlDatabase) -> None:
        assert checkpointing(database).run() == 0
        assert verified(database) == LedgerReport(events=0, chains=0, covered=0, checkpoints=0, stamps=0, findings=())

    @pytest.mark.parametrize("tampering", TAMPERINGS)
    def test_whatever_is_done_to_the_rows_is_found(self, database: SqlDatabase, delivery: str, tampering: str) -> None:
        tamper, fault = TAMPERINGS[tampering]
        with database._writing.begin() as connection:
            tamper(connection, delivery)
        assert fault in faults(verified(database))

    def test_a_change_is_found_at_its_place(self, database: SqlDatabase, delivery: str) -> None:
        with database._writing.begin() as connection:
            TAMPERINGS["a fact is changed"][0](connection, delivery)
        assert verified(database).findings == (LedgerFinding(fault=LedgerFault.CHANGED, chain=delivery, place=3),)

    def test_who_makes_every_link_anew_is_found_by_the_checkpoint(self, database: SqlDatabase, delivery: str) -> None:
        with database._writing.begin() as connection:
            TAMPERINGS["a fact is changed"][0](connection, delivery)
        with database.read() as tx:
            chain = [one for one in tx.ledger.entries() if one.chain == delivery]
        head = bytes(32)
        with database._writing.begin() as connection:
            for one in chain:
                assert one.event is not None
                head = link(head, canonical(one.event, delivery, one.sequence))
                connection.execute(
                    sa.text("UPDATE events SET link = :l WHERE ordinal = :o"), {"l": head, "o": one.ordinal}
                )
        assert faults(verified(database)) == {LedgerFault.OTHER_ROOT}

    def test_an_older_copy_is_found_by_the_checkpoints_kept_elsewhere(
        self, database: SqlDatabase, delivery: str
    ) -> None:
        shelf = Shelf()
        with database.write() as tx:
            tx.records.append(an_event(delivery=delivery))
        checkpointing(database, shelf).run()
        assert verified(database, shelf).findings == ()
        with database._writing.begin() as connection:  # as it was before: no event, no checkpoint of it
            connection.execute(sa.text("DELETE FROM events WHERE chain = :d AND sequence = 6"), {"d": delivery})
            connection.execute(sa.text("DELETE FROM checkpoints WHERE size = (SELECT MAX(size) FROM checkpoints)"))
        assert verified(database).findings == ()
        assert faults(verified(database, shelf)) == {LedgerFault.FEWER}

    def test_another_key_signs_no_checkpoint_of_ours(self, database: SqlDatabase, delivery: str) -> None:
        other = Authority.root().signer()
        theirs = NoteSigner(lambda: other, lambda: [other.certificate])
        report = VerifyLedger(database=database, signer=theirs, place=None)()
        assert LedgerFault.NOT_SIGNED in faults(report)

    def test_a_checkpoint_is_owed_a_stamp_from_when_stamps_are_wanted(
        self, database: SqlDatabase, delivery: str
    ) -> None:
        """One asks at a time, the newest is stamped first, and the first stamp stays."""
        stamping = MakeCheckpoints(
            database=database, signer=signer(), place=None, every=MINUTE, clock=Standing(), stamped=True
        )
        for _ in range(2):
            with database.write() as tx:
                tx.records.append(an_event(delivery=delivery))
            stamping.run()
        with database.write() as tx:
            older, newer = tx.ledger.checkpoints()[1:]
            assert tx.ledger.owed_stamps() == OwedStamps(count=2, since=NOW)
            assert tx.ledger.claim_stamps(now=NOW, again_at=NOW + MINUTE, limit=1) == [newer]
            assert tx.ledger.stamps_due(now=NOW, limit=9) == [older]
            tx.ledger.add_stamp(newer.size, STAMP)
            tx.ledger.add_stamp(newer.size, replace(STAMP, answer=b"another"))
            assert list(tx.ledger.stamps()) == [(replace(newer, stamp_at=None), STAMP)]
            assert (tx.ledger.stamp(newer.size), tx.ledger.stamp(older.size)) == (STAMP, None)
            assert tx.ledger.stamps_due(now=NOW + MINUTE, limit=9) == [older]
            tx.ledger.add_stamp(older.size, STAMP)
            assert tx.ledger.owed_stamps() is None

    def test_checkpoints_keep_their_distance_and_come_only_when_there_is_something(
        self, database: SqlDatabase, delivery: str
    ) -> None:
        clock = Standing()
        checkpoints = checkpointing(database, Shelf(), clock)
        clock.at = NOW + 2 * MINUTE
        assert checkpoints.run_if_due() == 0
        with database.write() as tx:
            tx.records.append(an_event(delivery=delivery))
        assert checkpoints.run_if_due() == 1
        with database.write() as tx:
            tx.records.append(an_event(delivery=delivery))
        assert checkpoints.run_if_due() == 0
        clock.at += MINUTE
        assert checkpoints.run_if_due() == 1

    def test_the_first_checkpoint_made_over_an_event_is_found(self, database: SqlDatabase, delivery: str) -> None:
        with database.read() as tx:
            first = tx.ledger.newest_checkpoint()
        assert first is not None
        with database.write() as tx:
            tx.records.append(an_event(delivery=delivery))
        checkpointing(database).run()
        with database.read() as tx:
            newest = tx.ledger.newest_checkpoint()
            covering = [tx.ledger.covering(leaf) for leaf in (0, first.size - 1, first.size, first.size + 1)]
        assert covering == [first, first, newest, None]

    def test_a_chain_that_was_rolled_back_goes_on_where_it_stood(self, database: SqlDatabase, delivery: str) -> None:
        with database._writing.connect() as connection:
            SqlTransaction(connection).records.append(an_event(delivery=delivery))
            connection.rollback()
        with database.write() as tx:
            tx.records.append(an_event(delivery=delivery))
        assert verified(database).findings == ()
