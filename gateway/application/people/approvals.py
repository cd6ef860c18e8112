"""Changes of addresses, keys, anchors and accounts: one person proposes, a second one approves.

Until a second account has been made, the home is in bootstrap: a change takes effect at once and is recorded so,
unless it is of a kind that nobody makes alone.
What a proposal is to replace is remembered by its digest: when something else stands there by the time it is
approved, the proposal was made for a state of things that is gone, and is overtaken.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from gateway.application import contexts
from gateway.application.people.own_offices import check_delivery
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.accounts import SECOND, person_of, token_of
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused, NotAllowed
from gateway.domain.proposals import (
    ABOUT_A_DELIVERY,
    FROM_OUTSIDE,
    NEVER_ALONE,
    Caution,
    ChangeKind,
    Proposal,
    ProposalState,
)
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class Change:
    """What shall stand. `content` is the subject's kept form, whole."""

    kind: ChangeKind
    subject: str
    content: bytes
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Act:
    """On whose word a change is made, and when. `approved_by` is None in bootstrap; `reason` is sealed."""

    at: dt.datetime
    actor: str
    approved_by: str | None
    reason: bytes | None

    @property
    def facts(self) -> dict[str, str | int | bool]:
        """How it is recorded beside what was changed."""
        return {"bootstrap": True} if self.approved_by is None else {"approved_by": self.approved_by}


class Applies(Protocol):
    """Knows one kind of change."""

    def standing(self, tx: Transaction, subject: str) -> bytes | None:
        """The kept form of what stands, or None."""
        ...

    def check(self, tx: Transaction, change: Change) -> None:
        """Raises a Problem when the change could not be made now."""
        ...

    def apply(self, tx: Transaction, change: Change, act: Act) -> None:
        """Makes the change and records it."""
        ...


class Outcome(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    PROPOSED = "proposed"
    UNCHANGED = "unchanged"
    """It stands so already."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A change and what became of it. `proposal`: its id, where it waits for a second person."""

    change: Change
    outcome: Outcome
    proposal: str | None = None


class Approvals:
    """Makes changes or proposes them, and decides proposals. `kinds`: who knows each kind of change."""

    def __init__(self, *, database: Database, vault: Vault, kinds: Mapping[ChangeKind, Applies], clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._kinds = kinds
        self._clock = clock

    @property
    def in_bootstrap(self) -> bool:
        """Whether there never was a second account."""
        with self._database.read() as tx:
            return _in_bootstrap(tx)

    def make(self, changes: Sequence[Change], *, actor: str, reason: str | None) -> Sequence[Made]:
        """Makes the changes in bootstrap, else (and always those that nobody makes alone) proposes them: all or none.

        Raises InputRefused (request.invalid: a proposal without a reason), and what a kind's `check` raises.
        """
        with self._database.write() as tx:
            bootstrap = _in_bootstrap(tx) and all(one.kind not in NEVER_ALONE for one in changes)
            if not bootstrap and not (reason or "").strip():
                raise InputRefused(Code.REQUEST_INVALID, where="--reason", expected="minLength 1")
            return [self._make(tx, change, actor, reason or "", bootstrap=bootstrap) for change in changes]

    def all(self, *, open_only: bool) -> Sequence[Proposal]:
        """Proposals, oldest first."""
        with self._database.read() as tx:
            return tx.proposals.all(open_only=open_only)

    def waiting(self, *, viewer: str) -> Sequence[Proposal]:
        """Those that wait, oldest first, but those about deliveries of offices that are not the viewer's."""
        with self._database.read() as tx:
            return [one for one in tx.proposals.all(open_only=True) if _is_theirs(tx, one, viewer)]

    def files_of(self, proposals: Sequence[Proposal]) -> Mapping[str, Sequence[str]]:
        """By proposal the file numbers of the delivery that it is about; of those about no delivery none."""
        with self._database.read() as tx:
            return {
                one.id: tx.dispatches.get(tx.deliveries.get(one.subject).dispatch).files
                for one in proposals
                if one.kind in ABOUT_A_DELIVERY
            }

    def look(self, proposal_id: str, *, viewer: str | None = None) -> tuple[Proposal, bytes | None, bytes, str]:
        """A proposal with what stands now, what shall stand, and the reason given. viewer: None for who reads on the
        machine. Raises NoSuchThing, NotAllowed (account.other-office), Conflict (retention.expired: it was about a
        delivery of a package that nobody can open any more)."""
        with self._database.read() as tx:
            proposal = tx.proposals.get(proposal_id)
            _check_theirs(tx, proposal, viewer)
            content = self._change(tx, proposal).content
            standing = self._kinds[proposal.kind].standing(tx, proposal.subject)
            why = self._vault.open(_key(tx, proposal), _why(proposal.id), proposal.reason)
            return proposal, standing, content, why.decode()

    def approve(self, proposal_id: str, *, actor: str, reason: str) -> Proposal:
        """Makes the proposed change; where two must approve, the first who does leaves it open for the second.

        Raises NoSuchThing (approval.unknown), NotAllowed (approval.own, account.other-office), Conflict
        (approval.decided, approval.overtaken, retention.expired), InputRefused (request.invalid: no reason), and what
        the kind's `check` raises: then the proposal stays open.
        """
        with self._database.write() as tx:
            proposal = self._decidable(tx, proposal_id, actor)
            if person_of(actor) in _people_behind(tx, proposal):
                raise NotAllowed(Code.APPROVAL_OWN, where=proposal_id)
            change = self._change(tx, proposal)
            kind = self._kinds[proposal.kind]
            overtaken = _digest(kind.standing(tx, proposal.subject)) != proposal.before
            if proposal.kind in FROM_OUTSIDE and proposal.seconded_by is None and not overtaken:
                kind.check(tx, change)
                return self._second(tx, proposal, actor, reason)
            state = ProposalState.OVERTAKEN if overtaken else ProposalState.APPROVED
            decided = self._decide(tx, proposal, state, actor, reason)
            if not overtaken:
                kind.check(tx, change)
                act = Act(at=self._clock.now(), actor=proposal.proposed_by, approved_by=actor, reason=decided.decision)
                kind.apply(tx, change, act)
        if overtaken:
            raise Conflict(Code.APPROVAL_OVERTAKEN, where=proposal_id)
        return decided

    def refuse(self, proposal_id: str, *, actor: str, reason: str) -> Proposal:
        """Ends the proposal; who made it may withdraw it so. Raises as `approve`, but for approval.own."""
        with self._database.write() as tx:
            proposal = self._decidable(tx, proposal_id, actor)
            return self._decide(tx, proposal, ProposalState.REFUSED, actor, reason)

    def _make(self, tx: Transaction, change: Change, actor: str, reason: str, *, bootstrap: bool) -> Made:
        kind = self._kinds[change.kind]
        standing = kind.standing(tx, change.subject)
        if standing == change.content:
            return Made(change=change, outcome=Outcome.UNCHANGED)
        kind.check(tx, change)
        if bootstrap:
            sealed = self._seal(tx, contexts.reason(change.subject), reason) if reason.strip() else None
            kind.apply(tx, change, Act(at=self._clock.now(), actor=actor, approved_by=None, reason=sealed))
            return Made(change=change, outcome=Outcome.APPLIED)
        return Made(
            change=change, outcome=Outcome.PROPOSED, proposal=self._propose(tx, change, standing, actor, reason)
        )

    def _propose(self, tx: Transaction, change: Change, standing: bytes | None, actor: str, reason: str) -> str:
        """The new proposal's id, or that of the same one, where it waits already."""
        for one in tx.proposals.all(open_only=True):
            if (one.kind, one.subject, one.before) == (change.kind, change.subject, _digest(standing)) and (
                self._change(tx, one).content == change.content
            ):
                return one.id
        proposal_id = str(uuid.uuid4())
        key = _key(tx, change)
        proposal = Proposal(
            id=proposal_id,
            kind=change.kind,
            subject=change.subject,
            before=_digest(standing),
            content=self._vault.seal(key, contexts.proposal(proposal_id), change.content),
            cautions=change.cautions,
            proposed_at=self._clock.now(),
            proposed_by=actor,
            reason=self._vault.seal(key, _why(proposal_id), reason.encode()),
        )
        tx.proposals.add(proposal)
        _record(tx, proposal, actor=actor, at=proposal.proposed_at, reason=proposal.reason)
        return proposal_id

    def _decidable(self, tx: Transaction, proposal_id: str, actor: str) -> Proposal:
        proposal = tx.proposals.get(proposal_id)
        _check_theirs(tx, proposal, actor)
        if proposal.state is not ProposalState.OPEN:
            raise Conflict(Code.APPROVAL_DECIDED, where=proposal_id)
        return proposal

    def _second(self, tx: Transaction, proposal: Proposal, actor: str, reason: str) -> Proposal:
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="--reason", expected="minLength 1")
        tx.proposals.second(proposal.id, actor)
        seconded = replace(proposal, seconded_by=actor)
        sealed, name = self._seal(tx, contexts.decision(proposal.id), reason), EventName.CHANGE_SECONDED
        _record(tx, seconded, actor=actor, at=self._clock.now(), reason=sealed, name=name)
        return seconded

    def _decide(self, tx: Transaction, proposal: Proposal, state: ProposalState, actor: str, reason: str) -> Proposal:
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="--reason", expected="minLength 1")
        sealed = self._seal(tx, contexts.decision(proposal.id), reason)
        decided = replace(proposal, state=state, decided_at=self._clock.now(), decided_by=actor, decision=sealed)
        tx.proposals.save(decided)
        _record(tx, decided, actor=actor, at=self._clock.now(), reason=sealed)
        return decided

    def _change(self, tx: Transaction, proposal: Proposal) -> Change:
        content = self._vault.open(_key(tx, proposal), contexts.proposal(proposal.id), proposal.content)
        return Change(kind=proposal.kind, subject=proposal.subject, content=content, cautions=proposal.cautions)

    def sealed_reason(self, tx: Transaction, subject: str, reason: str) -> bytes:
        """A reason for an act on the subject that needs no second person, sealed for its event."""
        return self._seal(tx, contexts.reason(subject), reason)

    def _seal(self, tx: Transaction, context: str, reason: str) -> bytes:
        return self._vault.seal(data_key(tx.registry, contexts.DIRECTORY_KEY), context, reason.encode())


_EVENT_OF = {
    ProposalState.OPEN: EventName.CHANGE_PROPOSED,
    ProposalState.APPROVED: EventName.CHANGE_APPROVED,
    ProposalState.REFUSED: EventName.CHANGE_REFUSED,
    ProposalState.OVERTAKEN: EventName.CHANGE_OVERTAKEN,
}


def _people_behind(tx: Transaction, proposal: Proposal) -> frozenset[str]:
    """Who has a hand in it already: who proposed and seconded it, and of what came by a system's token who made that
    token, since with it they may name anybody."""
    names = [one for one in (proposal.proposed_by, proposal.seconded_by) if one]
    made_by = {one.id: one.created_by for one in tx.registry.tokens()} if any(map(token_of, names)) else {}
    makers = [made_by[token] for one in names if (token := token_of(one)) in made_by]
    return frozenset(person_of(one) for one in (*names, *makers))


def _check_theirs(tx: Transaction, proposal: Proposal, actor: str | None) -> None:
    """Raises NotAllowed (account.other-office): what is about one delivery is its office's; all else is everybody's."""
    if proposal.kind in ABOUT_A_DELIVERY:
        check_delivery(tx, proposal.subject, actor)


def _is_theirs(tx: Transaction, proposal: Proposal, actor: str) -> bool:
    try:
        _check_theirs(tx, proposal, actor)
    except NotAllowed:
        return False
    return True


def _key(tx: Transaction, about: Change | Proposal) -> DataKey:
    """Under which it is kept. Raises Conflict (retention.expired)."""
    if about.kind not in ABOUT_A_DELIVERY:
        return data_key(tx.registry, contexts.DIRECTORY_KEY)
    dispatch = tx.dispatches.get(tx.deliveries.get(about.subject).dispatch)
    if not tx.registry.has_data_key(dispatch.data_key):
        raise Conflict(Code.RETENTION_EXPIRED, where=dispatch.id)
    return data_key(tx.registry, dispatch.data_key)


def _in_bootstrap(tx: Transaction) -> bool:
    return len(tx.accounts.all()) < SECOND


def _digest(standing: bytes | None) -> str:
    return "" if standing is None else sha256(standing)


def _why(proposal_id: str) -> str:
    return contexts.reason(proposal_id)


def _record(
    tx: Transaction,
    proposal: Proposal,
    *,
    actor: str,
    at: dt.datetime,
    reason: bytes,
    name: EventName | None = None,
) -> None:
    facts = {"proposal": proposal.id, "kind": proposal.kind.value, "subject": proposal.subject}
    tx.records.append(Event(name=name or _EVENT_OF[proposal.state], at=at, actor=actor, facts=facts, reason=reason))
