"""The outcome feed: its ledger, and what stands between it and the receiver."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from gateway.domain.feed import Batch, FeedKind, FeedState, Transaction
from gateway.domain.outcomes import Division


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One row of the reconciliation: how many transactions of a division stand so, and since when the oldest does."""

    division: Division
    state: FeedState
    count: int
    oldest: dt.datetime


class Feed(Protocol):
    """The ledger."""

    def owe(self, dispatch_id: str, at: dt.datetime) -> None:
        """The outcomes of the dispatch are to be told."""
        ...

    def owed(self, limit: int) -> Sequence[str]:
        """Dispatches whose papers are made and whose transactions are not, the oldest first."""
        ...

    def put_behind(self, dispatch_ids: Sequence[str]) -> None:
        """Those of them that are owed still come after all others that are."""
        ...

    def is_owed(self, dispatch_id: str) -> bool:
        """Whether the dispatch's transactions are still to be made."""
        ...

    def owed_count(self) -> int:
        """How many dispatches are owed in all."""
        ...

    def composed(self, dispatch_id: str, transactions: Sequence[Transaction], superseded: Sequence[str]) -> bool:
        """Writes what an owed dispatch comes to, and ends what the receiver does not have and it supersedes. False, and
        nothing is written, when somebody else did, when one to be superseded has left meanwhile or was taken up by the
        receiver, or when what is corrected was corrected by another."""
        ...

    def add(self, transaction: Transaction) -> None:
        """One more transaction."""
        ...

    def get(self, transaction_id: str) -> Transaction | None:
        """The transaction of that id."""
        ...

    def of_dispatch(self, dispatch_id: str) -> Sequence[Transaction]:
        """In the order they were made."""
        ...

    def successors(self, transaction_id: str) -> Sequence[Transaction]:
        """What was to stand in place of that one and was not recalled, in the order they were made."""
        ...

    def referred_to(self, batch_id: str) -> bool:
        """Whether anything in the batch has a successor."""
        ...

    def unreleased(self, limit: int) -> Sequence[Transaction]:
        """Those that wait without a moment from which they may go."""
        ...

    def reached(self, limit: int) -> Sequence[str]:
        """Those of which the person concerned, or who stands for them, has the decision: delivered to one of them,
        or settled as its closing rule has it. A carrier's handover alone is not enough."""
        ...

    def unreachable(self, limit: int) -> Sequence[str]:
        """Those of which each delivery to the person concerned or to who stands for them was cancelled or recalled."""
        ...

    def release(self, transaction_ids: Sequence[str], at: dt.datetime) -> None:
        """They may go from that moment on."""
        ...

    def move(self, transaction_ids: Sequence[str], before: FeedState, after: FeedState) -> int:
        """Those of them that stand so change their state; how many those are."""
        ...

    def open_batch(
        self, batch_id: str, *, now: dt.datetime, most: int, after_recall: Collection[FeedKind] | None = None
    ) -> Batch | None:
        """A new batch of what may go now, the oldest first; None when nothing may. after_recall: of what is of those
        kinds and refers to what the receiver was told of a package that is recalled, or withdraws what it was told of a
        UCI that was not the person's; None: of everything."""
        ...

    def waits(self, now: dt.datetime, *, after_recall: Collection[FeedKind] | None = None) -> bool:
        """Whether `open_batch` would open one."""
        ...

    def last_opened_at(self) -> dt.datetime | None:
        """When the newest batch was opened."""
        ...

    def batches(self, *, unfinished: bool) -> Sequence[Batch]:
        """By sequence; `unfinished`: those alone that are not closed."""
        ...

    def batch(self, batch_id: str, *, lock: bool = False) -> Batch | None:
        """The batch of that id. lock: until the transaction ends nobody else changes the ledger."""
        ...

    def before(self, sequence: int) -> Batch | None:
        """The batch before that sequence."""
        ...

    def save(self, batch: Batch) -> None:
        """As it stands now."""
        ...

    def lines(self, batch_id: str) -> Sequence[Transaction]:
        """What is in the batch, in its order."""
        ...

    def standing(self, batch_id: str) -> Mapping[str, FeedState]:
        """How each transaction of the batch stands, without its line."""
        ...

    def take_out(self, transaction_ids: Sequence[str]) -> None:
        """They are in their batch no more, and for staff."""
        ...

    def left(self, batch_id: str) -> None:
        """What is in the batch has been sent."""
        ...

    def answer(self, answers: Mapping[str, tuple[FeedState, str | None]]) -> None:
        """What the receiver said of each, with its code."""
        ...

    def acknowledged(self, digest: str, batch_id: str, at: dt.datetime) -> bool:
        """Whether an acknowledgement of that digest is new; then it counts as taken in."""
        ...

    def recall(self, dispatch_id: str, at: dt.datetime) -> int:
        """Stops those of the dispatch's transactions that the receiver does not have, in no batch or in one that cannot
        have left; how many those are. What is to be said of the others is owed. Withdrawals go their way."""
        ...

    def figures(self, *, offices: frozenset[str] | None = None) -> Sequence[Figures]:
        """How all transactions stand; of dispatches of those offices, None: of every one."""
        ...

    def count(self, states: Collection[FeedState]) -> int:
        """How many stand in one of those states."""
        ...

    def decisions(self, *, offices: frozenset[str] | None = None) -> Mapping[Division, int]:
        """How many packages bring outcomes, those counted whose transactions are not made yet; of those offices, None:
        of every one."""
        ...

    def with_state(
        self, state: FeedState, limit: int, *, offices: frozenset[str] | None = None
    ) -> Sequence[Transaction]:
        """Those that stand so, the oldest first; of dispatches of those offices, None: of every one."""
        ...

    def expirable(self) -> Sequence[Batch]:
        """Closed batches whose bytes are kept though every package in them has expired."""
        ...


class Put(Enum):
    """What is known of a file after it was put."""

    THERE = auto()
    UNKNOWN = auto()
    """It may lie there: nothing answered."""


class FeedPlace(Protocol):
    """Where batches are put for the receiver, who takes them away."""

    def put(self, name: str, content: bytes) -> Put:
        """Puts the file there, whole under its name at once; again: replaces it by the same.

        Raises ServiceDown, SetupWrong: nothing lies there under that name by this.
        """
        ...

    def holds(self, name: str, size: int) -> bool:
        """Whether a file of that name and size lies there. Not: it never did, or the receiver has it.

        Raises ServiceDown, SetupWrong: it cannot be told.
        """
        ...


class FeedProtection(Protocol):
    """Signs for the receiver and encrypts to them; opens what they sign."""

    def protect(self, content: bytes, at: dt.datetime) -> bytes:
        """Signed by us, encrypted to the receiver's pinned certificate.

        Raises SetupWrong (key.*) when either key may not be used at `at`.
        """
        ...

    def acknowledgement(self, raw: bytes, at: dt.datetime) -> bytes:
        """What the receiver's pinned certificate signed. Raises InputRefused (signature.*, feed.signer)."""
        ...
