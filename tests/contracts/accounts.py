"""What every `Accounts`, `Proposals` and `Pins` keep to."""

from dataclasses import replace

import pytest

from gateway.domain.accounts import Account, AccountRole
from gateway.domain.codes import Code
from gateway.domain.pins import Pin
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.proposals import Caution, ChangeKind, Proposal, ProposalState
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW

ALICE = Account(
    name="alice",
    roles=frozenset({AccountRole.ADMINISTRATOR, AccountRole.APPROVER}),
    secret_digest="ab" * 32,
    created_at=NOW,
    created_by="root",
)
PROPOSAL = Proposal(
    id="p1",
    kind=ChangeKind.RECIPIENT,
    subject="cbsa",
    before="",
    content=b"\x00sealed",
    cautions=(Caution.NEW_KEY, Caution.NEW_ADDRESS),
    proposed_at=NOW,
    proposed_by="alice",
    reason=b"\x00why",
)
PIN = Pin(
    recipient="cbsa",
    channel="encrypted-email",
    key="12" * 32,
    fingerprint="34" * 32,
    pinned_at=NOW,
    pinned_by="alice",
    approved_by=None,
)


class AccountsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_an_account_comes_back_as_it_went_in_and_keeps_who_made_it(self, database: Database) -> None:
        bob = replace(ALICE, name="bob", roles=frozenset())
        changed = replace(ALICE, roles=frozenset({AccountRole.READER}), disabled_at=NOW, created_by="somebody")
        with database.write() as tx:
            tx.accounts.put(ALICE)
            tx.accounts.put(bob)
            assert tx.accounts.get("alice") == ALICE
            assert tx.accounts.get("nobody") is None
            tx.accounts.put(changed)
            assert tx.accounts.all() == [replace(changed, created_by="root"), bob]

    def test_an_account_keeps_its_offices_and_when_it_was_used_last(self, database: Database) -> None:
        bound = replace(ALICE, offices=frozenset({"toronto", "montreal"}))
        with database.write() as tx:
            tx.accounts.put(bound)
            assert tx.accounts.get("alice", lock=True) == bound
            assert tx.accounts.last_uses() == {}
            tx.accounts.used("alice", NOW)
            tx.accounts.used("alice", NOW + MINUTE)
            assert tx.accounts.last_uses() == {"alice": NOW + MINUTE}

    def test_a_proposal_is_seconded_once_and_only_while_it_is_open(self, database: Database) -> None:
        with database.write() as tx:
            tx.proposals.add(PROPOSAL)
            tx.proposals.second("p1", "bob")
            assert tx.proposals.get("p1") == replace(PROPOSAL, seconded_by="bob")
        for raised in ("p1", "p9"):
            with pytest.raises(Conflict) as again, database.write() as tx:
                tx.proposals.second(raised, "carol")
            assert again.value.code is Code.APPROVAL_DECIDED

    def test_a_proposal_is_decided_once(self, database: Database) -> None:
        decided = replace(
            PROPOSAL, state=ProposalState.REFUSED, decided_at=NOW + MINUTE, decided_by="bob", decision=b"no"
        )
        with database.write() as tx:
            tx.proposals.add(PROPOSAL)
            assert tx.proposals.all(open_only=True) == [PROPOSAL]
            assert tx.proposals.count_open() == 1
            tx.proposals.save(decided)
            assert tx.proposals.get("p1") == decided
            assert tx.proposals.all(open_only=True) == []
            assert tx.proposals.count_open() == 0
            assert tx.proposals.all(open_only=False) == [decided]
            with pytest.raises(Conflict) as raised:
                tx.proposals.save(replace(decided, state=ProposalState.APPROVED))
            assert raised.value.code is Code.APPROVAL_DECIDED
            assert tx.proposals.get("p1") == decided

    def test_an_unknown_proposal_is_a_problem(self, database: Database) -> None:
        with pytest.raises(NoSuchThing) as raised, database.read() as tx:
            tx.proposals.get("p9")
        assert (raised.value.code, raised.value.where) == (Code.APPROVAL_UNKNOWN, "p9")

    def test_a_key_is_one_recipients_at_a_time(self, database: Database) -> None:
        with database.write() as tx:
            tx.pins.add(PIN)
            assert tx.pins.holder(PIN.key) == "cbsa"
            with pytest.raises(Conflict) as raised:
                tx.pins.add(replace(PIN, recipient="unhcr"))
            assert (raised.value.code, raised.value.facts["holder"]) == (Code.KEY_PINNED_ELSEWHERE, "cbsa")
            tx.pins.end("cbsa", "encrypted-email", at=NOW + MINUTE, by="bob", replaced_by=None)
            assert tx.pins.holder(PIN.key) is None
            tx.pins.add(replace(PIN, recipient="unhcr"))
            assert tx.pins.holder(PIN.key) == "unhcr"

    def test_the_history_of_a_recipients_keys_is_kept(self, database: Database) -> None:
        newer = replace(PIN, key="56" * 32, fingerprint="78" * 32, pinned_at=NOW + MINUTE, approved_by="bob")
        with database.write() as tx:
            tx.pins.add(PIN)
            tx.pins.end("cbsa", "fax", at=NOW + MINUTE, by="bob", replaced_by=None)
            tx.pins.end("cbsa", "encrypted-email", at=NOW + MINUTE, by="bob", replaced_by=newer.fingerprint)
            tx.pins.add(newer)
            tx.pins.end("nobody", "encrypted-email", at=NOW, by="bob", replaced_by=None)
            ended = replace(PIN, ended_at=NOW + MINUTE, ended_by="bob", replaced_by=newer.fingerprint)
            assert tx.pins.of("cbsa") == [ended, newer]
