"""What every `Desks` keeps to."""

from gateway.domain.desk import SavedView
from gateway.domain.outcomes import Division
from gateway.domain.work_list import WorkList
from gateway.ports.database import Database
from tests.contracts.samples import NOW


def a_view(name: str, account: str) -> SavedView:
    """Late ones of the RPD by fax."""
    return SavedView(
        id=name,
        account=account,
        name=name.encode(),
        which=WorkList.LATE,
        division=Division.RPD,
        channel="fax",
        made_at=NOW,
    )


class DesksContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_views_are_their_persons_alone(self, database: Database) -> None:
        first, second, others = a_view("b", "alice"), a_view("a", "alice"), a_view("c", "bob")
        with database.write() as tx:
            for one in (first, second, others):
                tx.desks.add_view(one)
            assert tx.desks.views("alice", lock=True) == [first, second]
            assert not tx.desks.rename_view("alice", "c", b"mine")
            assert not tx.desks.remove_view("alice", "c")
            assert tx.desks.rename_view("alice", "a", b"named")
            assert tx.desks.remove_view("alice", "b")
            assert [one.name for one in tx.desks.views("alice")] == [b"named"]
            assert tx.desks.views("bob") == [others]

    def test_single_keys_act_until_somebody_turns_them_off(self, database: Database) -> None:
        with database.write() as tx:
            for on in (False, True, False):
                tx.desks.set_shortcuts("alice", on=on)
                assert tx.desks.shortcuts("alice") is on
            assert tx.desks.shortcuts("bob")
