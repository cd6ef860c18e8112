"""What every `ExchangeStore` keeps to."""

from dataclasses import replace

import pytest

from gateway.domain.codes import Code
from gateway.domain.exchange import (
    Conversation,
    Entry,
    ExchangeAccount,
    ExchangeMail,
    ExchangeMailKind,
    LeftDocument,
    SignInLink,
)
from gateway.domain.outcomes import Division
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict
from gateway.domain.signing_in import Session
from gateway.ports.calls import Untold
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW, a_delivery, a_dispatch

ACCOUNT = ExchangeAccount(
    name="counsel-12345p",
    address_digest="ab" * 32,
    address=b"\x00sealed",
    language=Language.FR,
    code_hash="salt$hash",
    verified_by="alice",
    verified_at=NOW,
    method="video call",
)
CONVERSATION = Conversation(
    id="c1",
    account=ACCOUNT.name,
    division=Division.RPD,
    files=("TC6-12345", "TC6-12346"),
    data_key="exchange-c1",
    opened_at=NOW,
)
ENTRY = Entry(
    id="e1",
    conversation="c1",
    account=ACCOUNT.name,
    dispatch="d1",
    delivery="v1",
    attempt="a1",
    left_at=NOW,
    note=b"\x00sealed",
    documents=(
        LeftDocument(name="é.pdf", media_type="application/pdf", digest="sha256:1", size=3, parts=("p1", "p2")),
    ),
)


class ExchangeContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_an_account_comes_back_as_it_went_in_and_an_address_is_one_accounts(self, database: Database) -> None:
        locked = replace(ACCOUNT, failures=2, locked_until=NOW + MINUTE)
        with database.write() as tx:
            tx.exchange.put_account(ACCOUNT)
            assert tx.exchange.account(ACCOUNT.name, lock=True) == ACCOUNT
            assert tx.exchange.account("nobody") is None
            tx.exchange.put_account(locked)
            assert tx.exchange.account_by_address("ab" * 32) == locked
            with pytest.raises(Conflict) as raised:
                tx.exchange.put_account(replace(ACCOUNT, name="other"))
            assert raised.value.code is Code.EXCHANGE_ADDRESS_TAKEN
            assert tx.exchange.accounts() == [locked]

    def test_what_stands_at_an_account_is_told_apart_by_for_whom_it_is(self, database: Database) -> None:
        with database.write() as tx:
            tx.registry.add_data_key("package-1", b"wrapped")
            tx.dispatches.add(a_dispatch(id="d1", data_key="package-1"))
            for name, recipient in (("v1", "r1"), ("v2", "r2"), ("v3", "r1")):
                tx.deliveries.add(a_delivery(id=name, dispatch="d1", participant=name, recipient=recipient))
            for number in (3, 2, 1):
                tx.exchange.add_entry(replace(ENTRY, id=f"e{number}", delivery=f"v{number}"))
            assert [one.id for one in tx.exchange.lying_for(ACCOUNT.name, "r1")] == ["e1", "e3"]
            assert tx.exchange.lying_for("another", "r1") == []
            tx.exchange.save_entry(replace(ENTRY, retracted_at=NOW))
            assert [one.id for one in tx.exchange.lying_for(ACCOUNT.name, "r1")] == ["e3"]

    def test_the_open_accounts_of_delegates_are_found_by_whom_they_act_for(self, database: Database) -> None:
        first, second = (
            replace(ACCOUNT, name=f"{ACCOUNT.name}.{one}", address_digest=f"{one}" * 64, acts_for=ACCOUNT.name)
            for one in (1, 2)
        )
        with database.write() as tx:
            for account in (second, first, ACCOUNT):
                tx.exchange.put_account(account)
            assert tx.exchange.acting_for(ACCOUNT.name) == [first, second]
            tx.exchange.close_account(first.name, NOW)
            assert tx.exchange.acting_for(ACCOUNT.name) == [second]
            assert tx.exchange.acting_for(second.name) == []

    def test_an_identity_of_the_provider_is_linked_to_one_account(self, database: Database) -> None:
        linked = replace(ACCOUNT, identity="AAAA-BBBB")
        with database.write() as tx:
            tx.exchange.put_account(linked)
            assert tx.exchange.account_by_identity("AAAA-BBBB") == linked
            assert tx.exchange.account_by_identity("CCCC-DDDD") is None
            with pytest.raises(Conflict) as raised:
                tx.exchange.put_account(replace(linked, name="other", address_digest="cd" * 32))
            assert raised.value.code is Code.EXCHANGE_IDENTITY_TAKEN
            tx.exchange.close_account(ACCOUNT.name, NOW)
            assert tx.exchange.account_by_identity("AAAA-BBBB") is None
            tx.exchange.put_account(replace(linked, name="other", address_digest="cd" * 32))

    def test_an_account_is_closed_once(self, database: Database) -> None:
        with database.write() as tx:
            tx.exchange.put_account(ACCOUNT)
            assert tx.exchange.close_account(ACCOUNT.name, NOW)
            assert not tx.exchange.close_account(ACCOUNT.name, NOW + MINUTE)
            assert not tx.exchange.close_account("nobody", NOW)
            closed = tx.exchange.account(ACCOUNT.name)
            assert closed is not None
            assert closed == replace(ACCOUNT, closed_at=NOW, address_digest=closed.address_digest)
            assert tx.exchange.account_by_address(ACCOUNT.address_digest) is None
            tx.exchange.put_account(replace(ACCOUNT, name="other"))

    def test_a_conversation_is_found_by_account_division_and_files_together(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.exchange.conversation(ACCOUNT.name, Division.RPD, CONVERSATION.files) is None
            tx.exchange.add_conversation(CONVERSATION)
            assert tx.exchange.conversation(ACCOUNT.name, Division.RPD, CONVERSATION.files) == CONVERSATION
            assert tx.exchange.conversation(ACCOUNT.name, Division.RAD, CONVERSATION.files) is None
            assert tx.exchange.conversation("other", Division.RPD, CONVERSATION.files) is None
            assert tx.exchange.conversations([CONVERSATION.id, "c9"]) == {CONVERSATION.id: CONVERSATION}
            assert tx.exchange.conversations([]) == {}

    def test_an_entry_is_left_once_and_keeps_what_was_taken_and_withdrawn(self, database: Database) -> None:
        taken = replace(ENTRY, taken=frozenset({"sha256:1"}), acknowledged_at=NOW + MINUTE, retracted_at=NOW)
        dispatch = a_dispatch(id=ENTRY.dispatch)
        with database.write() as tx:
            tx.registry.add_data_key(dispatch.data_key, b"wrapped")
            tx.dispatches.add(dispatch)
            assert tx.exchange.add_entry(ENTRY)
            assert not tx.exchange.add_entry(replace(ENTRY, account="other"))
            assert tx.exchange.entry("e1", lock=True) == ENTRY
            tx.exchange.save_entry(taken)
            tx.exchange.add_entry(replace(ENTRY, id="e2"))
            assert tx.exchange.entries(ACCOUNT.name, limit=9) == [replace(ENTRY, id="e2"), taken]
            assert tx.exchange.entries(ACCOUNT.name, limit=1) == [replace(ENTRY, id="e2")]
            assert tx.exchange.entries(ACCOUNT.name, limit=9, older_than="e2") == [taken]
            assert tx.exchange.entries(ACCOUNT.name, limit=9, older_than="e1") == []
            assert tx.exchange.entries_since(ACCOUNT.name, newer_than="", limit=9) == [taken, replace(ENTRY, id="e2")]
            assert tx.exchange.entries_since(ACCOUNT.name, newer_than="", limit=1) == [taken]
            assert tx.exchange.entries_since(ACCOUNT.name, newer_than="e1", limit=9) == [replace(ENTRY, id="e2")]
            assert tx.exchange.entries_since(ACCOUNT.name, newer_than="e2", limit=9) == []
            assert tx.exchange.entries_since("other", newer_than="e1", limit=9) == []
            assert tx.exchange.entries("other", limit=9) == []
            assert tx.exchange.entries("other", limit=9, older_than="e2") == []
            assert tx.exchange.entry("e3") is None
            tx.registry.destroy_data_key(dispatch.data_key)
            assert tx.exchange.entries(ACCOUNT.name, limit=9) == []
            assert tx.exchange.entry("e1") == taken

    def test_a_conversation_is_over_once_every_package_left_in_it_expired_and_as_long_as_its_key_is_there(
        self, database: Database
    ) -> None:
        first, second = (a_dispatch(id=one, data_key=f"key-{one}") for one in ("d1", "d2"))
        with database.write() as tx:
            tx.exchange.add_conversation(CONVERSATION)
            tx.registry.add_data_key(CONVERSATION.data_key, b"wrapped")
            for one in (first, second):
                tx.registry.add_data_key(one.data_key, b"wrapped")
                tx.dispatches.add(one)
                assert tx.exchange.conversations_over() == [], "nothing was left yet, or something is still kept"
                tx.exchange.add_entry(replace(ENTRY, id=f"e-{one.id}", dispatch=one.id))
            tx.registry.destroy_data_key(first.data_key)
            assert tx.exchange.conversations_over() == []
            tx.registry.destroy_data_key(second.data_key)
            assert tx.exchange.conversations_over() == [CONVERSATION]
            tx.registry.destroy_data_key(CONVERSATION.data_key)
            assert tx.exchange.conversations_over() == []

    def test_what_is_to_be_collected_by_now_comes_longest_waiting_first_until_it_is(self, database: Database) -> None:
        waits = [replace(ENTRY, id=f"e{minutes}", collect_by=NOW + minutes * MINUTE) for minutes in (3, 1, 2)]
        with database.write() as tx:
            for entry in (*waits, replace(ENTRY, id="e0")):
                tx.exchange.add_entry(entry)
            assert tx.exchange.uncollected(NOW, 5) == []
            assert [one.id for one in tx.exchange.uncollected(NOW + 2 * MINUTE, 5)] == ["e1", "e2"]
            assert [one.id for one in tx.exchange.uncollected(NOW + 9 * MINUTE, 1)] == ["e1"]
            tx.exchange.save_entry(replace(waits[1], collect_by=None))
            assert [one.id for one in tx.exchange.uncollected(NOW + 9 * MINUTE, 5)] == ["e2", "e3"]

    def test_a_link_is_used_once(self, database: Database) -> None:
        link = SignInLink(digest="12" * 32, account=ACCOUNT.name, expires_at=NOW + MINUTE)
        with database.write() as tx:
            tx.exchange.add_link(link)
            assert tx.exchange.link(link.digest) == link
            assert tx.exchange.use_link(link.digest, NOW)
            assert not tx.exchange.use_link(link.digest, NOW + MINUTE)
            assert tx.exchange.link(link.digest) == replace(link, used_at=NOW)
            assert tx.exchange.link("34" * 32) is None

    def test_sessions_end_one_by_one_or_all_of_an_account(self, database: Database) -> None:
        one, other = (
            Session(digest=digest * 32, account=account, begun_at=NOW, seen_at=NOW)
            for digest, account in (("12", ACCOUNT.name), ("34", "other"))
        )
        with database.write() as tx:
            tx.exchange.add_session(one)
            tx.exchange.add_session(other)
            assert tx.exchange.session_seen(one.digest, NOW + MINUTE)
            tx.exchange.end_sessions(ACCOUNT.name, NOW + MINUTE)
            ended = replace(one, seen_at=NOW + MINUTE, ended_at=NOW + MINUTE)
            assert [tx.exchange.session(each.digest) for each in (one, other)] == [ended, other]
            assert tx.exchange.session("56" * 32) is None

    def test_a_session_that_ended_is_not_brought_back_by_having_been_seen(self, database: Database) -> None:
        session = Session(digest="12" * 32, account=ACCOUNT.name, begun_at=NOW, seen_at=NOW)
        with database.write() as tx:
            tx.exchange.add_session(session)
            tx.exchange.end_session(session.digest, NOW + MINUTE)
            assert not tx.exchange.session_seen(session.digest, NOW + 2 * MINUTE)
            tx.exchange.end_session(session.digest, NOW + 3 * MINUTE)
            assert tx.exchange.session(session.digest) == replace(session, ended_at=NOW + MINUTE)
            assert not tx.exchange.session_seen("34" * 32, NOW)

    def test_links_and_sessions_that_open_nothing_any_more_are_forgotten(self, database: Database) -> None:
        old = SignInLink(digest="12" * 32, account=ACCOUNT.name, expires_at=NOW)
        fresh = replace(old, digest="34" * 32, expires_at=NOW + 2 * MINUTE)
        begun = Session(digest="56" * 32, account=ACCOUNT.name, begun_at=NOW, seen_at=NOW)
        later = replace(begun, digest="78" * 32, begun_at=NOW + 2 * MINUTE)
        with database.write() as tx:
            for link in (old, fresh):
                tx.exchange.add_link(link)
            for session in (begun, later):
                tx.exchange.add_session(session)
            tx.exchange.forget_spent(links=NOW + MINUTE, sessions=NOW + MINUTE)
            assert [tx.exchange.link(one.digest) for one in (old, fresh)] == [None, fresh]
            assert [tx.exchange.session(one.digest) for one in (begun, later)] == [None, later]

    def test_a_mail_is_one_process_s_until_it_is_due_again(self, database: Database) -> None:
        link = ExchangeMail(id="m1", account=ACCOUNT.name, kind=ExchangeMailKind.LINK, asked_at=NOW, next_at=NOW)
        notice = replace(link, id="m2", kind=ExchangeMailKind.NOTICE, entry="e1", next_at=NOW + MINUTE)
        news = replace(link, id="m3", kind=ExchangeMailKind.PASSKEY_ADDED, next_at=None)
        with database.write() as tx:
            tx.exchange.owe_mail(news)
            tx.exchange.owe_mail(link)
            tx.exchange.owe_mail(notice)
            assert tx.exchange.links_since(ACCOUNT.name, NOW - MINUTE) == 1
            assert tx.exchange.links_since(ACCOUNT.name, NOW) == 0
            assert tx.exchange.mails_due(NOW)
            assert tx.exchange.take_mails(now=NOW, until=NOW + 2 * MINUTE, limit=5) == [link]
            assert tx.exchange.take_mails(now=NOW, until=NOW + 2 * MINUTE, limit=5) == []
            assert (tx.exchange.mail("m2"), tx.exchange.mail("m9")) == (notice, None)
            tx.exchange.save_mail(replace(link, sent=1, next_at=None))
            tx.exchange.end_notice("e1")
            assert not tx.exchange.mails_due(NOW + 9 * MINUTE)

    def test_mails_of_which_none_has_left_are_counted_while_they_are_owed(self, database: Database) -> None:
        late = ExchangeMail(id="m1", account=ACCOUNT.name, kind=ExchangeMailKind.LINK, asked_at=NOW + MINUTE)
        late = replace(late, next_at=NOW + MINUTE)
        early = replace(late, id="m2", asked_at=NOW)
        with database.write() as tx:
            assert tx.exchange.untold() is None
            tx.exchange.owe_mail(late)
            tx.exchange.owe_mail(early)
            assert tx.exchange.untold() == Untold(count=2, since=NOW)
            tx.exchange.save_mail(replace(early, sent=1))
            assert tx.exchange.untold() == Untold(count=1, since=NOW + MINUTE)
            tx.exchange.save_mail(replace(late, next_at=None))
            assert tx.exchange.untold() is None
