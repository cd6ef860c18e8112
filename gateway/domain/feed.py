"""What other case systems are told of outcomes: one transaction a person and outcome, in batches, each acknowledged.

Only the RPD and the RAD have an interface (the memo). A transaction says that and how a matter ended, never why.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal
from uuid import UUID

from gateway.domain.outcomes import Division, OutcomeCode
from gateway.domain.package import DecisionPackage, Person, RelationKind, RemovalOrderAction, RemovalOrderKind
from gateway.domain.parties import Role

DIVISIONS = frozenset({Division.RPD, Division.RAD})
"""«Pas d’interface système» for the IAD and the ID."""

_SAME_OUTCOME = frozenset(
    {RelationKind.REASONS, RelationKind.TRANSCRIPT, RelationKind.TRANSLATION, RelationKind.RE_SERVICE}
)
"""Later packages on a decision that stands as it was told."""

_TOLD_FOR = frozenset(
    {
        Role.CLAIMANT,
        Role.PROTECTED_PERSON,
        Role.APPELLANT,
        Role.RESPONDENT,
        Role.PERSON_CONCERNED,
        Role.COUNSEL,
        Role.DESIGNATED_REPRESENTATIVE,
    }
)
"""Whoever of these has the decision, the person concerned has it."""


class Release(StrEnum):
    """When an outcome may go, the cooling-off being over in any case."""

    NIGHTLY = "nightly"
    AFTER_HANDOVER_TO_PERSON = "after-handover-to-person"


class FeedKind(StrEnum):
    """What a transaction does."""

    OUTCOME = "outcome"
    CORRECTION = "correction"
    """It stands in place of the one it corrects, which was told before."""
    WITHDRAWAL = "withdrawal"
    """The one it refers to was told and does not stand, and nothing stands in its place."""


def telling_kind(corrects: str | None) -> FeedKind:
    """Of a transaction that brings an outcome."""
    return FeedKind.OUTCOME if corrects is None else FeedKind.CORRECTION


class FeedState(StrEnum):
    """How a transaction stands."""

    WAITING = "waiting"
    BATCHED = "batched"
    """In a batch that is not known to have left."""
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """By the receiver, with a code: work for staff."""
    NEEDS_PERSON = "needs-person"
    """It cannot be told, since the package names no UCI, or a person has to say whether it is: work for staff."""
    RECALLED = "recalled"
    SUPERSEDED = "superseded"
    """A correction came before it was sent, or staff had it told again."""
    GIVEN_UP = "given-up"
    """A person of staff ended it: the receiver does not have it, and is not to be told of it any more."""


STAFF_WORK = frozenset({FeedState.REJECTED, FeedState.NEEDS_PERSON})
OPEN = frozenset({FeedState.WAITING, FeedState.BATCHED, FeedState.SENT})
"""Neither known to be with the receiver, nor with a person, nor given up."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One entry of the ledger. person: as its package names them. corrects: what was told before and no longer stands.
    told_for: the participants of whom one must have the decision before it goes, under that release. code: the
    receiver's, of a rejection. sealed: the line that is sent. replaces: in whose place this one stands, of what the
    receiver does not have, or what is taken back since it was told of a UCI that was not the person's."""

    id: str
    dispatch: str
    division: Division
    person: str
    kind: FeedKind
    corrects: str | None
    state: FeedState
    code: str | None
    told_for: tuple[str, ...]
    made_at: dt.datetime
    release_at: dt.datetime | None
    batch: str | None = None
    place: int | None = None
    sealed: bytes = b""
    replaces: str | None = None

    @property
    def before(self) -> str | None:
        """The transaction after which it comes on the same outcome."""
        return self.replaces or self.corrects


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What goes out together. digest: of its lines; object_name: the exact bytes that are sent, sealed; puts: how often
    they were. asked_at: when the receiver was asked after it since; closed_at: when each of its lines was answered.
    doubtful: how many tries to put it were begun whose end is not known."""

    id: str
    sequence: int
    count: int
    opened_at: dt.datetime
    digest: str | None = None
    object_name: str | None = None
    sent_digest: str | None = None
    put_at: dt.datetime | None = None
    puts: int = 0
    asked_at: dt.datetime | None = None
    heard_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    doubtful: int = 0

    @property
    def may_have_left(self) -> bool:
        """Whether it can no longer be said that nobody outside has it."""
        return self.puts > 0 or self.doubtful > 0


def unanswered(batch: Batch) -> bool:
    """Whether the receiver was asked after it, and has not answered all of it since."""
    return batch.closed_at is None and (batch.asked_at is not None or batch.puts > 1)


@dataclass(frozen=True, kw_only=True)
class FeedRemovalOrder:
    """How the removal order stands by the decision."""

    kind: RemovalOrderKind
    action: RemovalOrderAction


@dataclass(frozen=True, kw_only=True)
class OutcomeLine:
    """One line of a batch: what is told of one person. No name, no reason, no document."""

    schema: Literal["outcome/1"]
    transaction: UUID
    kind: FeedKind
    division: Division
    files: tuple[str, ...] = field(metadata={"min_length": 1})
    uci: str
    outcome: OutcomeCode
    """In the statutory vocabulary; of a withdrawal: what is withdrawn."""
    gcms_code: str
    signed_at: dt.datetime
    appeal: Literal["RAD", "IAD", "FC", "none", "not-told"]
    """Where the person may turn, as the Registry said; never guessed."""
    corrects: UUID | None = None
    rendered_at: dt.datetime | None = None
    removal_order: FeedRemovalOrder | None = None


@dataclass(frozen=True, kw_only=True)
class PreviousBatch:
    """The batch before, so that a receiver sees when one is missing."""

    sequence: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ControlRecord:
    """The first line of a batch. digest: SHA-256 over all lines after it, with their ends."""

    schema: Literal["outcome-batch/1"]
    batch: UUID
    sequence: int = field(metadata={"ge": 1})
    made_at: dt.datetime
    count: int = field(metadata={"ge": 1})
    digest: str = field(metadata={"pattern": "^sha256:[0-9a-f]{64}$"})
    previous: PreviousBatch | None = None


class Verdict(StrEnum):
    """What the receiver says of one line."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class AcknowledgedLine:
    """The receiver's answer to one line. code: the receiver's own, of a rejection."""

    transaction: UUID
    result: Verdict
    code: str | None = field(default=None, metadata={"pattern": "^[A-Za-z0-9._-]{1,64}$"})


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """The receiver's answer to a batch, or to a part of it. digest: that of the control record."""

    schema: Literal["outcome-acknowledgement/1"]
    batch: UUID
    digest: str = field(metadata={"pattern": "^sha256:[0-9a-f]{64}$"})
    lines: tuple[AcknowledgedLine, ...]


def tells_outcome(package: DecisionPackage) -> bool:
    """Whether the package brings outcomes that the feed tells."""
    told_before = package.relation is not None and package.relation.kind in _SAME_OUTCOME
    return package.division in DIVISIONS and package.proceeding.nature == "final" and not told_before


def told_for(package: DecisionPackage, person: Person) -> tuple[str, ...]:
    """The participants by whom the person has the decision: themselves, and who stands for them."""
    themselves = {person.id, *(one.id for one in package.participants if person.id in one.represents)}
    concerned = (one for one in package.participants if themselves & {one.id, *one.represents})
    return tuple(one.id for one in concerned if _TOLD_FOR & set(one.roles))


def retold(line: OutcomeLine, transaction: UUID, *, kind: FeedKind, corrects: str | None) -> OutcomeLine:
    """The line under another number: its outcome told again, in place of what is corrected, or withdrawn."""
    return replace(line, transaction=transaction, kind=kind, corrects=UUID(corrects) if corrects else None)


def outcome_line(
    package: DecisionPackage, person: Person, transaction: UUID, *, gcms_code: str, corrects: UUID | None
) -> OutcomeLine:
    """What is told of the person, who has a UCI."""
    order, decision = person.outcome.removal_order, package.decision
    return OutcomeLine(
        schema="outcome/1",
        transaction=transaction,
        kind=telling_kind(str(corrects) if corrects else None),
        division=package.division,
        files=tuple(one.number for one in package.files if person.id in one.persons),
        uci=person.uci or "",
        outcome=person.outcome.code,
        gcms_code=gcms_code,
        signed_at=decision.signed_at,
        appeal=person.recourse.forum if person.recourse is not None else "not-told",
        corrects=corrects,
        rendered_at=decision.rendered_at,
        removal_order=FeedRemovalOrder(kind=order.kind, action=order.action) if order is not None else None,
    )


REPORT_FIGURES = (
    "decisions",
    "outcomes",
    "waiting",
    "sent",
    "accepted",
    "rejected",
    "needs_person",
    "corrected",
    "given_up",
    "open",
)
"""The figures of a division in the morning's reconciliation, in the order in which they are shown."""
