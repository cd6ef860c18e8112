"""What every `ConsoleStore` keeps to."""

from dataclasses import replace

import sqlalchemy as sa

from gateway.domain.accounts import AccountRole
from gateway.domain.console import SetUpLink, SignInNews, StaffCredential, StaffIdentity, StaffSession
from gateway.domain.events import EventName
from gateway.domain.officers_word import SignInMeans
from gateway.ports.database import Database, Transaction
from gateway.store.tables.console import console_news
from gateway.store.transaction import SqlTransaction
from tests.contracts.samples import MINUTE, NOW

CREDENTIAL = StaffCredential(
    account="alice", password_hash="$argon2id$…", secret=b"\x00sealed", last_step=59, set_at=NOW
)
LINK = SetUpLink(digest="12" * 32, account="alice", made_by="carol", expires_at=NOW + MINUTE)


def count_news(tx: Transaction) -> int:
    """Those that were read as well, which nobody is shown any more."""
    assert isinstance(tx, SqlTransaction)
    return int(tx.connection.scalar(sa.select(sa.func.count()).select_from(console_news)) or 0)


class ConsoleContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_credential_takes_the_place_of_the_one_before(self, database: Database) -> None:
        later = replace(CREDENTIAL, last_step=60, failures=2, locked_until=NOW + MINUTE)
        with database.write() as tx:
            assert tx.console.credential("alice") is None
            tx.console.put_credential(CREDENTIAL)
            assert tx.console.credential("alice", lock=True) == CREDENTIAL
            tx.console.put_credential(later)
            assert tx.console.credential("alice") == later
            assert tx.console.credential("bob") is None

    def test_a_link_is_used_once_and_a_newer_one_ends_it(self, database: Database) -> None:
        newer, others = replace(LINK, digest="34" * 32), replace(LINK, digest="56" * 32, account="bob")
        with database.write() as tx:
            for link in (others, LINK, newer):
                tx.console.add_link(link)
            assert tx.console.link(LINK.digest) is None
            assert tx.console.link(others.digest) == others
            assert tx.console.use_link(newer.digest, NOW)
            assert not tx.console.use_link(newer.digest, NOW + MINUTE)
            assert tx.console.link(newer.digest) == replace(newer, used_at=NOW)

    def test_sessions_end_one_by_one_or_all_of_an_account_and_are_forgotten(self, database: Database) -> None:
        one, other = (
            StaffSession(digest=digest * 32, account=account, begun_at=NOW, seen_at=NOW)
            for digest, account in (("12", "alice"), ("34", "bob"))
        )
        with database.write() as tx:
            tx.console.add_session(one)
            tx.console.add_session(other)
            assert tx.console.session_seen(one.digest, NOW + MINUTE)
            tx.console.end_sessions("alice", NOW + MINUTE)
            ended = replace(one, seen_at=NOW + MINUTE, ended_at=NOW + MINUTE)
            assert [tx.console.session(each.digest) for each in (one, other)] == [ended, other]
            tx.console.add_link(LINK)
            tx.console.forget_spent(links=NOW, sessions=NOW)
            assert (tx.console.session(other.digest), tx.console.link(LINK.digest)) == (other, LINK)
            tx.console.forget_spent(links=NOW + 2 * MINUTE, sessions=NOW + MINUTE)
            assert (tx.console.session(other.digest), tx.console.link(LINK.digest)) == (None, None)

    def test_the_sessions_of_an_account_that_were_not_ended_are_listed(self, database: Database) -> None:
        first = StaffSession(digest="12" * 32, account="alice", begun_at=NOW, seen_at=NOW)
        second, others = replace(first, digest="34" * 32, begun_at=NOW + MINUTE), replace(first, digest="56" * 32)
        with database.write() as tx:
            for one in (second, first, replace(others, account="bob")):
                tx.console.add_session(one)
            assert list(tx.console.sessions_of("alice")) == [first, second]
            tx.console.end_session(first.digest, NOW + MINUTE)
            assert list(tx.console.sessions_of("alice")) == [second]

    def test_what_a_person_is_told_is_told_until_they_read_it(self, database: Database) -> None:
        first = SignInNews(account="alice", name=EventName.CONSOLE_SIGN_IN_SET, at=NOW)
        second = replace(first, name=EventName.CONSOLE_CODE_REUSED, at=NOW + MINUTE)
        with database.write() as tx:
            for one in (first, second, replace(first, account="bob")):
                tx.console.tell(one)
            assert list(tx.console.news("alice", 9)) == [second, first]
            assert list(tx.console.news("alice", 1)) == [second]
            tx.console.read_news("alice", NOW)
            assert list(tx.console.news("alice", 9)) == [second]
            assert len(tx.console.news("bob", 9)) == 1

    def test_what_was_told_is_forgotten_some_time_after_it_was_read_or_long_after_it_happened(
        self, database: Database
    ) -> None:
        first = SignInNews(account="alice", name=EventName.CONSOLE_SIGN_IN_SET, at=NOW)
        later = replace(first, account="carol", at=NOW + 3 * MINUTE)
        with database.write() as tx:
            for one in (first, replace(first, account="bob"), later):
                tx.console.tell(one)
            tx.console.read_news("bob", NOW + MINUTE)
            tx.console.forget_news(read=NOW + MINUTE, told=NOW)
            assert count_news(tx) == 3
            tx.console.forget_news(read=NOW + 2 * MINUTE, told=NOW)
            assert [len(tx.console.news(one, 9)) for one in ("alice", "carol")] == [1, 1]
            assert count_news(tx) == 2
            tx.console.forget_news(read=NOW, told=NOW + MINUTE)
            assert [len(tx.console.news(one, 9)) for one in ("alice", "carol")] == [0, 1]

    def test_a_session_that_ended_is_not_brought_back_by_having_been_seen(self, database: Database) -> None:
        session = StaffSession(digest="12" * 32, account="alice", begun_at=NOW, seen_at=NOW)
        with database.write() as tx:
            tx.console.add_session(session)
            tx.console.end_session(session.digest, NOW + MINUTE)
            assert not tx.console.session_seen(session.digest, NOW + 2 * MINUTE)
            tx.console.end_session(session.digest, NOW + 3 * MINUTE)
            assert tx.console.session(session.digest) == replace(session, ended_at=NOW + MINUTE)
            assert not tx.console.session_seen("34" * 32, NOW)

    def test_all_sessions_of_an_account_end_but_the_one_that_is_named(self, database: Database) -> None:
        one, other = (
            StaffSession(digest=digest * 32, account="alice", begun_at=NOW, seen_at=NOW, means=means, roles=roles)
            for digest, means, roles in (
                ("12", SignInMeans.PROVIDER, frozenset({AccountRole.READER})),
                ("34", SignInMeans.PASSKEY, None),
            )
        )
        with database.write() as tx:
            tx.console.add_session(one)
            tx.console.add_session(other)
            tx.console.end_sessions("alice", NOW + MINUTE, besides=one.digest)
            assert tx.console.session(one.digest) == one
            assert tx.console.session(other.digest) == replace(other, ended_at=NOW + MINUTE)

    def test_an_identity_is_one_accounts_and_a_credential_and_links_go(self, database: Database) -> None:
        mine = StaffIdentity(account="alice", identity="AAAA", linked_at=NOW)
        with database.write() as tx:
            assert tx.console.add_identity(mine)
            assert not tx.console.add_identity(replace(mine, identity="BBBB"))
            assert not tx.console.add_identity(replace(mine, account="bob"))
            assert tx.console.identity("alice") == mine
            assert tx.console.remove_identity("alice")
            assert not tx.console.remove_identity("alice")
            tx.console.put_credential(CREDENTIAL)
            assert tx.console.remove_credential("alice")
            assert not tx.console.remove_credential("alice")
            tx.console.add_link(LINK)
            tx.console.end_links("alice")
            assert (tx.console.credential("alice"), tx.console.link(LINK.digest)) == (None, None)

    def test_tries_of_an_address_are_kept_until_they_are_digested(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.sign_in_tries.digested_at("10.0.0.1", NOW) == NOW
            tx.sign_in_tries.put("10.0.0.1", NOW + MINUTE)
            assert tx.sign_in_tries.digested_at("10.0.0.1", NOW) == NOW + MINUTE
            assert tx.sign_in_tries.digested_at("10.0.0.2", NOW) == NOW
            tx.sign_in_tries.forget(NOW + MINUTE)
            assert tx.sign_in_tries.digested_at("10.0.0.1", NOW) == NOW + MINUTE
            tx.sign_in_tries.forget(NOW + 2 * MINUTE)
            assert tx.sign_in_tries.digested_at("10.0.0.1", NOW) == NOW
