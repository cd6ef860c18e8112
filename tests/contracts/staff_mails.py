"""What every `StaffMails` keeps to."""

from dataclasses import replace

from gateway.ports.calls import Untold
from gateway.ports.database import Database
from gateway.ports.staff_mails import StaffMail
from tests.contracts.samples import MINUTE, NOW, name


def a_mail() -> StaffMail:
    return StaffMail(id=name(), to="sha256:00", subject="1 late", text="one", made_at=NOW, next_at=NOW)


class StaffMailsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_matter_is_news_once(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.staff_mails.news(["late-1", "late-2"], NOW) == ["late-1", "late-2"]
            assert tx.staff_mails.news([], NOW) == []
        with database.write() as tx:
            assert tx.staff_mails.news(["late-2", "late-3"], NOW) == ["late-3"]

    def test_what_stands_is_news_when_it_begins_and_again_once_it_came_back(self, database: Database) -> None:
        asked: list[list[str]] = []
        for standing in (["a", "b"], ["a", "b"], ["b", "c"], ["a", "b"]):
            with database.write() as tx:
                asked.append(list(tx.staff_mails.begun("late", standing, NOW)))
                assert tx.staff_mails.begun("later", ["a"], NOW) == (["a"] if len(asked) == 1 else [])
        assert asked == [["a", "b"], [], ["c"], ["a"]]

    def test_what_was_taken_is_nobody_elses_for_a_while_and_nobodys_once_settled(self, database: Database) -> None:
        first, second, later = a_mail(), a_mail(), replace(a_mail(), next_at=NOW + MINUTE)
        with database.write() as tx:
            tx.staff_mails.owe([first, second, later])
            assert tx.staff_mails.untold() == Untold(count=3, since=NOW)
            assert [one.id for one in tx.staff_mails.take(now=NOW, until=NOW + 2 * MINUTE, limit=1)] == [first.id]
            assert [one.id for one in tx.staff_mails.take(now=NOW, until=NOW + 2 * MINUTE, limit=9)] == [second.id]
            assert not tx.staff_mails.due(NOW)
            tx.staff_mails.settle(first.id)
        with database.write() as tx:
            taken = tx.staff_mails.take(now=NOW + 3 * MINUTE, until=NOW + 4 * MINUTE, limit=9)
            assert [one.id for one in taken] == [second.id, later.id]

    def test_what_is_old_is_forgotten(self, database: Database) -> None:
        with database.write() as tx:
            tx.staff_mails.owe([a_mail(), replace(a_mail(), made_at=NOW + 2 * MINUTE)])
            tx.staff_mails.news(["late-1"], NOW)
            tx.staff_mails.forget(before=NOW + MINUTE)
            assert tx.staff_mails.untold() == Untold(count=1, since=NOW + 2 * MINUTE)
            assert tx.staff_mails.news(["late-1"], NOW) == ["late-1"]
