"""What every `DelegateStore` keeps to."""

from dataclasses import replace

from gateway.domain.delegates import Delegate
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW

DELEGATE = Delegate(name="counsel-12345p.1", account="counsel-12345p", person=b"\x00sealed", named_at=NOW)


class DelegateContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_delegate_stands_until_they_are_ended_and_stays_known(self, database: Database) -> None:
        second = replace(DELEGATE, name="counsel-12345p.2", named_at=NOW + MINUTE)
        others = replace(DELEGATE, name="other.1", account="other", named_at=NOW + 2 * MINUTE)
        ended = replace(DELEGATE, ended_at=NOW + MINUTE)
        with database.write() as tx:
            for one in (second, DELEGATE, others):
                tx.delegates.add(one)
            assert tx.delegates.find(DELEGATE.name, lock=True) == DELEGATE
            assert tx.delegates.find("nobody") is None
            assert tx.delegates.of_account(DELEGATE.account) == [DELEGATE, second]
            tx.delegates.save(ended)
            assert tx.delegates.find(DELEGATE.name) == ended
            assert tx.delegates.of_account(DELEGATE.account) == [second]
            assert tx.delegates.standing() == [second, others]
            assert (tx.delegates.named(DELEGATE.account), tx.delegates.named("nobody")) == (2, 0)
