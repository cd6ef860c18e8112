"""What every `ExchangeTokenStore` keeps to."""

from dataclasses import replace

from gateway.domain.exchange_tokens import ExchangeToken
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW

TOKEN = ExchangeToken(id="t1", account="counsel-12345p", digest="ab" * 32, made_at=NOW, expires_at=NOW + MINUTE)


class ExchangeTokenContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_token_comes_back_as_it_went_in_and_keeps_what_became_of_it(self, database: Database) -> None:
        used, revoked = replace(TOKEN, used_at=NOW), replace(TOKEN, used_at=NOW, revoked_at=NOW + MINUTE)
        with database.write() as tx:
            tx.exchange_tokens.add(TOKEN)
            assert tx.exchange_tokens.find("t1") == tx.exchange_tokens.by_digest("ab" * 32) == TOKEN
            assert tx.exchange_tokens.find("t9") is tx.exchange_tokens.by_digest("cd" * 32) is None
            assert tx.exchange_tokens.used("t1", NOW)
            assert tx.exchange_tokens.of_account(TOKEN.account) == [used]
            tx.exchange_tokens.revoke("t1", NOW + MINUTE)
            assert tx.exchange_tokens.of_account(TOKEN.account) == []
            assert tx.exchange_tokens.find("t1") == revoked

    def test_a_token_that_was_revoked_is_not_brought_back_by_its_use(self, database: Database) -> None:
        with database.write() as tx:
            tx.exchange_tokens.add(TOKEN)
            tx.exchange_tokens.revoke("t1", NOW)
            assert not tx.exchange_tokens.used("t1", NOW + MINUTE)
            tx.exchange_tokens.revoke("t1", NOW + MINUTE)
            assert tx.exchange_tokens.find("t1") == replace(TOKEN, revoked_at=NOW)

    def test_all_of_an_account_are_revoked_at_once(self, database: Database) -> None:
        second = replace(TOKEN, id="t2", digest="cd" * 32, made_at=NOW + MINUTE)
        others = replace(TOKEN, id="t3", digest="ef" * 32, account="other")
        with database.write() as tx:
            for one in (second, TOKEN, others):
                tx.exchange_tokens.add(one)
            assert tx.exchange_tokens.of_account(TOKEN.account) == [TOKEN, second]
            tx.exchange_tokens.revoke_all(TOKEN.account, NOW)
            assert tx.exchange_tokens.of_account(TOKEN.account) == []
            assert tx.exchange_tokens.of_account("other") == [others]
