"""What every `Mailboxes` keeps to: one holder at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from gateway.domain.codes import Code
from gateway.ports.database import Database
from gateway.ports.mailboxes import MailboxStanding
from tests.contracts.samples import MINUTE, NOW

THREADS = 8


class MailboxesContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_one_that_nobody_looked_into_does_not_stand_anywhere(self, database: Database) -> None:
        with database.read() as tx:
            assert tx.mailboxes.get("imap") is None
            assert tx.mailboxes.all() == []

    def test_it_comes_back_as_it_was_written(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.mailboxes.hold("imap", holder="a", now=NOW, until=NOW + MINUTE)
            assert tx.mailboxes.hold("folder", holder="b", now=NOW, until=NOW + MINUTE)
        held = MailboxStanding(name="imap", holder="a", held_until=NOW + MINUTE)
        after = replace(held, looked_at=NOW, problem=Code.MAILBOX_LOGIN, since=NOW)
        with database.write() as tx:
            assert tx.mailboxes.get("imap") == held
            tx.mailboxes.save(after)
        with database.read() as tx:
            assert [one.name for one in tx.mailboxes.all()] == ["folder", "imap"]
            assert tx.mailboxes.get("imap") == after

    def test_it_is_held_until_its_time_and_by_its_holder_beyond(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.mailboxes.hold("imap", holder="a", now=NOW, until=NOW + MINUTE)
            assert not tx.mailboxes.hold("imap", holder="b", now=NOW, until=NOW + MINUTE)
            assert tx.mailboxes.hold("imap", holder="a", now=NOW, until=NOW + 2 * MINUTE)
            assert not tx.mailboxes.hold("imap", holder="b", now=NOW + MINUTE, until=NOW + 3 * MINUTE)
            assert tx.mailboxes.hold("imap", holder="b", now=NOW + 2 * MINUTE, until=NOW + 3 * MINUTE)
            assert not tx.mailboxes.hold("imap", holder="a", now=NOW + 2 * MINUTE, until=NOW + 3 * MINUTE)

    def test_of_many_that_want_it_at_once_one_holds_it(self, database: Database) -> None:
        together = threading.Barrier(THREADS)

        def hold(holder: str) -> bool:
            together.wait()
            with database.write() as tx:
                return tx.mailboxes.hold("imap", holder=holder, now=NOW, until=NOW + MINUTE)

        with ThreadPoolExecutor(THREADS) as threads:
            assert sum(threads.map(hold, [str(number) for number in range(THREADS)])) == 1
