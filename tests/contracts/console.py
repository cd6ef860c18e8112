"""What every `ConsoleStore` keeps to."""

from dataclasses import replace

from gateway.domain.console import SetUpLink, StaffCredential
from gateway.domain.signing_in import Session
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW

CREDENTIAL = StaffCredential(
    account="alice", password_hash="$argon2id$…", secret=b"\x00sealed", last_step=59, set_at=NOW
)
LINK = SetUpLink(digest="12" * 32, account="alice", made_by="carol", expires_at=NOW + MINUTE)


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
            Session(digest=digest * 32, account=account, begun_at=NOW, seen_at=NOW)
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

    def test_a_session_that_ended_is_not_brought_back_by_having_been_seen(self, database: Database) -> None:
        session = Session(digest="12" * 32, account="alice", begun_at=NOW, seen_at=NOW)
        with database.write() as tx:
            tx.console.add_session(session)
            tx.console.end_session(session.digest, NOW + MINUTE)
            assert not tx.console.session_seen(session.digest, NOW + 2 * MINUTE)
            tx.console.end_session(session.digest, NOW + 3 * MINUTE)
            assert tx.console.session(session.digest) == replace(session, ended_at=NOW + MINUTE)
            assert not tx.console.session_seen("34" * 32, NOW)
