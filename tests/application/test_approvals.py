"""Changes of addresses and keys: at once in bootstrap, by two people afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import idna
import pytest

from gateway.application.people.approvals import Outcome
from gateway.application.people.staff import NewSecret, new_secret
from gateway.application.recipients.proposal_views import differences
from gateway.domain.accounts import AccountRole, Permission
from gateway.domain.codes import Code
from gateway.domain.events import EventName
from gateway.domain.parties import ExchangeKind, PostalAddress, Protection, Recipient, RecipientChannel
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, NotAllowed, NotAuthenticated, Problem
from gateway.domain.proposals import Caution, ProposalState
from tests.application.stage import Stage

ADMINISTRATOR = frozenset({AccountRole.ADMINISTRATOR, AccountRole.APPROVER})
OFFICER = frozenset({AccountRole.REGISTRY, AccountRole.APPROVER})
POSTAL = PostalAddress(
    lines=("123 Main Street",), municipality="Toronto", province="ON", postal_code="M5V 3L9", country="CA"
)
MOVED = replace(POSTAL, lines=("321 Main Street",))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def two(stage: Stage) -> dict[str, NewSecret]:
    """Two people, and a recipient entered in bootstrap."""
    stage.recipients()
    secrets = {"alice": new_secret(), "bob": new_secret()}
    for name, roles in (("alice", ADMINISTRATOR), ("bob", OFFICER)):
        made = stage.staff.add(name, roles, digest=secrets[name].digest, actor="alice", reason=None)
        assert made.outcome is Outcome.APPLIED
    return secrets


def changed(stage: Stage, key: bytes = b"renewed", address: str = "cbsa@gw.test") -> Recipient:
    (entry,) = stage.directory.all()
    way = RecipientChannel(type="encrypted-email", address=address, protection=Protection.SMIME, certificate=key)
    return replace(entry, channels=(way,))


def key_of(stage: Stage) -> bytes | None:
    (entry,) = stage.directory.all()
    return entry.channels[0].certificate


def proposed(stage: Stage, key: bytes = b"renewed", actor: str = "alice") -> str:
    (made,) = stage.enter(changed(stage, key), actor=actor, reason="certificate renewed")
    assert made.outcome is Outcome.PROPOSED
    assert made.proposal is not None
    return made.proposal


def refused(problem: type[Problem], code: Code) -> "pytest.RaisesExc[Problem]":
    return pytest.raises(problem, check=lambda error: error.code is code)


def test_in_bootstrap_a_change_takes_effect_at_once_and_with_one_account_still(stage: Stage) -> None:
    stage.recipients()
    stage.staff.add("alice", ADMINISTRATOR, digest=new_secret().digest, actor="root", reason=None)
    (made,) = stage.enter(changed(stage))
    assert made.outcome is Outcome.APPLIED
    assert key_of(stage) == b"renewed"
    assert stage.approvals.in_bootstrap
    (made,) = stage.enter(changed(stage))
    assert made.outcome is Outcome.UNCHANGED


def test_from_the_second_account_on_a_changed_key_waits_and_the_old_one_stays(
    stage: Stage, two: dict[str, NewSecret]
) -> None:
    proposal = proposed(stage)
    assert key_of(stage) == b"der"
    (waiting,) = stage.approvals.all(open_only=True)
    assert (waiting.id, waiting.cautions) == (proposal, (Caution.NEW_KEY,))
    stage.approvals.approve(proposal, actor="bob", reason="fingerprint compared by telephone")
    assert key_of(stage) == b"renewed"
    old, new = stage.directory.pins("cbsa-hearings-gta")
    assert (old.approved_by, old.ended_by, old.replaced_by) == (None, "bob", new.fingerprint)
    assert (new.pinned_by, new.approved_by, new.ended_at) == ("alice", "bob", None)


def test_who_proposed_cannot_approve_but_may_withdraw(stage: Stage, two: dict[str, NewSecret]) -> None:
    proposal = proposed(stage)
    for one in ("alice", "token:nova:alice", "token:other: Alice"):  # a system vouches for the same person
        with refused(NotAllowed, Code.APPROVAL_OWN):
            stage.approvals.approve(proposal, actor=one, reason="it is urgent")
    assert key_of(stage) == b"der"
    assert stage.approvals.refuse(proposal, actor="alice", reason="typed wrongly").state is ProposalState.REFUSED
    with refused(Conflict, Code.APPROVAL_DECIDED):
        stage.approvals.approve(proposal, actor="bob", reason="it is good")
    assert key_of(stage) == b"der"


def test_of_two_proposals_for_one_recipient_the_second_is_overtaken(stage: Stage, two: dict[str, NewSecret]) -> None:
    first, second = proposed(stage, b"one"), proposed(stage, b"two")
    stage.approvals.approve(second, actor="bob", reason="the newer one")
    with refused(Conflict, Code.APPROVAL_OVERTAKEN):
        stage.approvals.approve(first, actor="bob", reason="the older one")
    assert key_of(stage) == b"two"
    states = {one.id: one.state for one in stage.approvals.all(open_only=False)}
    assert states == {first: ProposalState.OVERTAKEN, second: ProposalState.APPROVED}


def test_the_same_proposal_again_is_the_same_one(stage: Stage, two: dict[str, NewSecret]) -> None:
    assert proposed(stage) == proposed(stage)
    assert len(stage.approvals.all(open_only=True)) == 1


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_no_proposal_and_no_decision_goes_without_a_reason(
    stage: Stage, two: dict[str, NewSecret], reason: str | None
) -> None:
    with refused(InputRefused, Code.REQUEST_INVALID):
        stage.enter(changed(stage), actor="alice", reason=reason)
    proposal = proposed(stage)
    with refused(InputRefused, Code.REQUEST_INVALID):
        stage.approvals.approve(proposal, actor="bob", reason=reason or "")
    assert key_of(stage) == b"der"


def test_a_key_that_is_pinned_to_one_recipient_is_refused_for_another(stage: Stage) -> None:
    stage.recipients()
    entry = replace(changed(stage, b"der"), id="unhcr")
    with refused(Conflict, Code.KEY_PINNED_ELSEWHERE):
        stage.enter(entry)
    assert [one.id for one in stage.directory.all()] == ["cbsa-hearings-gta"]


def test_a_key_that_another_got_meanwhile_is_refused_at_approval_and_the_proposal_stays(
    stage: Stage, two: dict[str, NewSecret]
) -> None:
    (entry,) = stage.directory.all()
    (made,) = stage.enter(replace(changed(stage, b"shared"), id="unhcr"), actor="alice", reason="new")
    stage.approvals.approve(proposed(stage, b"shared"), actor="bob", reason="first")
    assert made.proposal is not None
    with refused(Conflict, Code.KEY_PINNED_ELSEWHERE):
        stage.approvals.approve(made.proposal, actor="bob", reason="second")
    assert stage.approvals.look(made.proposal)[0].state is ProposalState.OPEN
    assert [one.id for one in stage.directory.all()] == [entry.id]


def test_the_one_who_approves_sees_what_would_change(stage: Stage, two: dict[str, NewSecret]) -> None:
    (made,) = stage.enter(changed(stage, b"renewed", "other@gw.test"), actor="alice", reason="they moved")
    assert made.change.cautions == (Caution.NEW_ADDRESS, Caution.NEW_KEY)
    _, standing, content, reason = stage.approvals.look(str(made.proposal))
    fields = {
        one["field"]: (one["before"], one["after"])
        for one in differences(
            standing, content, lambda der: {"fingerprint": der.decode(), "key": "k", "not_after": "d"}
        )
    }
    assert reason == "they moved"
    assert fields == {
        "channels.encrypted-email.address": ("cbsa@gw.test", "other@gw.test"),
        "channels.encrypted-email.certificate": ("der (k, d)", "renewed (k, d)"),
    }


def test_another_account_and_other_roles_take_two_people_and_disabling_takes_one(
    stage: Stage, two: dict[str, NewSecret]
) -> None:
    made = stage.staff.add("carol", OFFICER, digest=new_secret().digest, actor="alice", reason="new colleague")
    assert made.outcome is Outcome.PROPOSED
    assert [one.name for one in stage.staff.all()] == ["alice", "bob"]
    stage.approvals.approve(str(made.proposal), actor="bob", reason="met her")
    made = stage.staff.change("carol", roles=ADMINISTRATOR, actor="alice", reason="deputy")
    stage.approvals.approve(str(made.proposal), actor="bob", reason="agreed")
    stage.staff.disable("carol", actor="alice", reason="left")
    assert stage.staff.all()[2].disabled_at is not None
    with refused(NotAuthenticated, Code.ACCOUNT_UNKNOWN):
        stage.staff.acting("carol", "any", Permission.SUBMIT)


def test_nobody_can_take_the_last_pair_of_people_apart(stage: Stage, two: dict[str, NewSecret]) -> None:
    for name in ("alice", "bob"):
        with refused(Conflict, Code.ACCOUNT_NOBODY_LEFT):
            stage.staff.disable(name, actor="alice", reason="to act alone")
    with refused(Conflict, Code.ACCOUNT_NOBODY_LEFT):
        stage.staff.change("alice", roles=frozenset({AccountRole.READER}), actor="alice", reason="to rest")
    assert not stage.approvals.in_bootstrap


@pytest.mark.parametrize(
    "roles", [frozenset[AccountRole](), frozenset({AccountRole.REGISTRY}), frozenset({AccountRole.APPROVER})]
)
def test_the_first_account_must_be_an_administrators(stage: Stage, roles: frozenset[AccountRole]) -> None:
    with refused(Conflict, Code.ACCOUNT_NOBODY_LEFT):
        stage.staff.add("alice", roles, digest=new_secret().digest, actor="root", reason=None)


def test_the_second_account_must_be_one_who_can_approve(stage: Stage) -> None:
    only = frozenset({AccountRole.ADMINISTRATOR})
    stage.staff.add("alice", only, digest=new_secret().digest, actor="root", reason=None)
    with refused(Conflict, Code.ACCOUNT_NOBODY_LEFT):
        stage.staff.add("bob", only, digest=new_secret().digest, actor="alice", reason=None)
    stage.staff.add("bob", OFFICER, digest=new_secret().digest, actor="alice", reason=None)


def test_who_acts_proves_it_once_there_are_accounts(stage: Stage) -> None:
    assert stage.staff.acting("anybody", None, Permission.RESOLVE) == "anybody"
    secret = new_secret()
    stage.staff.add("alice", ADMINISTRATOR, digest=secret.digest, actor="root", reason=None)
    assert stage.staff.acting("alice", secret.secret, Permission.TRUST) == "alice"
    for name, given, permission, code in (
        ("anybody", None, Permission.TRUST, Code.ACCOUNT_UNKNOWN),
        ("alice", None, Permission.TRUST, Code.ACCOUNT_TOKEN_MISSING),
        ("alice", new_secret().secret, Permission.TRUST, Code.ACCOUNT_TOKEN_INVALID),
        ("alice", secret.secret, Permission.SUBMIT, Code.ACCOUNT_NOT_PERMITTED),
    ):
        with pytest.raises(Problem) as raised:
            stage.staff.acting(name, given, permission)
        assert raised.value.code is code


@pytest.mark.parametrize(
    ("name", "digest"), [("Alice", "ab" * 32), ("a", "ab" * 32), ("al ice", "ab" * 32), ("alice", "ab"), ("alice", "")]
)
def test_an_account_needs_a_plain_name_and_a_whole_digest(stage: Stage, name: str, digest: str) -> None:
    with refused(InputRefused, Code.REQUEST_INVALID):
        stage.staff.add(name, ADMINISTRATOR, digest=digest, actor="root", reason=None)


def test_a_name_is_given_once_and_an_unknown_one_cannot_be_changed(stage: Stage, two: dict[str, NewSecret]) -> None:
    with refused(Conflict, Code.ACCOUNT_EXISTS):
        stage.staff.add("bob", ADMINISTRATOR, digest=new_secret().digest, actor="alice", reason="again")
    with refused(NoSuchThing, Code.ACCOUNT_UNKNOWN):
        stage.staff.change("carol", roles=ADMINISTRATOR, actor="alice", reason="who?")


def test_a_persons_token_is_in_nothing_that_would_be_shown_or_kept(stage: Stage) -> None:
    secret = new_secret()
    stage.staff.add("alice", ADMINISTRATOR, digest=secret.digest, actor="root", reason=None)
    assert secret.secret not in repr(secret)
    assert secret.digest not in repr(stage.staff.all())
    assert secret.secret.encode() not in b"".join(path.read_bytes() for path in stage.folder.glob("gateway.db*"))


def shown_as(domain: str) -> str:
    """The ASCII form of a domain that is shown so."""
    return idna.encode(domain).decode("ascii")


def test_an_address_that_looks_like_anothers_is_flagged_for_who_approves(stage: Stage) -> None:
    stage.recipients()
    way = stage.directory.all()[0].channels[0]
    cautions = {}
    for number, address in enumerate(
        ("hearings@irb.test", "cbsa@" + shown_as("ցw.test"), "a@" + shown_as("сbsа-aх.test"))
    ):
        entry = replace(stage.directory.all()[0], id=f"r{number}")
        entry = replace(entry, channels=(replace(way, address=address, certificate=b"%d" % number),))
        (made,) = stage.enter(entry)
        cautions[number] = made.change.cautions
    assert cautions == {
        0: (),
        1: (Caution.LOOK_ALIKE, Caution.MIXED_SCRIPTS),
        2: (Caution.MIXED_SCRIPTS,),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (RecipientChannel(type="fax", number="+14165550100"), RecipientChannel(type="fax", number="+14165550101")),
        (RecipientChannel(type="secure-upload", account="a"), RecipientChannel(type="secure-upload", account="b")),
        (
            RecipientChannel(type="secure-upload", account="a"),
            RecipientChannel(type="secure-upload", account="a", exchange=ExchangeKind.CONNECT),
        ),
        (RecipientChannel(type="courier", postal=POSTAL), RecipientChannel(type="courier", postal=MOVED)),
        (RecipientChannel(type="fax", number="+14165550100"), RecipientChannel(type="secure-upload", account="a")),
    ],
    ids=["fax number", "account", "exchange", "postal address", "another way"],
)
def test_the_one_who_approves_is_told_of_any_other_place_that_papers_would_go_to(
    stage: Stage, two: dict[str, NewSecret], before: RecipientChannel, after: RecipientChannel
) -> None:
    (entry,) = stage.directory.all()
    (first,) = stage.enter(replace(entry, channels=(*entry.channels, before)), actor="alice", reason="by fax too")
    stage.approvals.approve(str(first.proposal), actor="bob", reason="asked them")
    (made,) = stage.enter(replace(entry, channels=(*entry.channels, after)), actor="alice", reason="they moved")
    assert made.change.cautions == (Caution.NEW_ADDRESS,)
    stage.approvals.approve(str(made.proposal), actor="bob", reason="asked them")
    with stage.database.read() as tx:
        assert len(tx.records.events_besides(EventName.RECIPIENT_IMPORTED)) == 3
        assert tx.records.events_besides(EventName.KEY_IMPORTED) == []


def test_the_one_who_approves_is_told_that_another_entry_has_the_same_account_or_number(
    stage: Stage, two: dict[str, NewSecret]
) -> None:
    (entry,) = stage.directory.all()
    fax, account = (
        RecipientChannel(type="fax", number="+14165550100"),
        RecipientChannel(type="secure-upload", account="a"),
    )
    (first,) = stage.enter(replace(entry, id="one", channels=(fax, account)), actor="alice", reason="new")
    stage.approvals.approve(str(first.proposal), actor="bob", reason="asked them")
    for way in (fax, account):
        (made,) = stage.enter(replace(entry, id="two", channels=(way,)), actor="alice", reason="a typing error")
        assert made.change.cautions == (Caution.ANOTHERS,)
    other = RecipientChannel(type="secure-upload", account="a", exchange=ExchangeKind.CONNECT)
    (elsewhere,) = stage.enter(replace(entry, id="two", channels=(other,)), actor="alice", reason="at Connect")
    assert elsewhere.change.cautions == ()
