"""What every `ConsentStore` keeps to."""

from dataclasses import replace

from gateway.domain.account_consent import AccountConsent
from gateway.domain.delivery import DeliveryState
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW, stored_deliveries

GIVEN = AccountConsent(account="counsel-12345p", accepts=True, at=NOW)


class ConsentContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_the_last_word_of_an_account_counts(self, database: Database) -> None:
        revoked = replace(GIVEN, accepts=False, at=NOW + MINUTE)
        with database.write() as tx:
            assert tx.consents.last(GIVEN.account) is None
            tx.consents.add(GIVEN)
            assert tx.consents.last(GIVEN.account) == GIVEN
            tx.consents.add(revoked)
            tx.consents.add(replace(GIVEN, account="other", at=NOW + 2 * MINUTE))
            assert tx.consents.last(GIVEN.account) == revoked

    def test_what_waits_to_be_sent_to_an_entry_is_found(self, database: Database) -> None:
        mine = {"recipient": "counsel-12345p"}
        first, second, *_ = stored_deliveries(
            database,
            mine | {"state": DeliveryState.READY},
            mine | {"state": DeliveryState.DEFERRED},
            {"state": DeliveryState.READY, "recipient": "other"},
            mine | {"state": DeliveryState.HANDED_OVER},
        )
        with database.read() as tx:
            assert tx.parties.to_be_sent_to(["counsel-12345p", "nobody"]) == [first, second]
            assert tx.parties.to_be_sent_to([]) == []
