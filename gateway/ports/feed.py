"""The outcome feed: its ledger, and what stands between it and the receiver."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.feed import Batch, FeedState, Transaction
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

    def owed_count(self) -> int:
        """How many dispatches are owed in all."""
        ...

    def composed(self, dispatch_id: str, transactions: Sequence[Transaction], superseded: Sequence[str]) -> bool:
        """Writes the transactions of an owed dispatch, and ends those not yet sent that they supersede. False, and
        nothing is written, when somebody else did, or one to be superseded has left meanwhile."""
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

    def unreleased(self, limit: int) -> Sequence[Transaction]:
        """Those that wait without a moment from which they may go."""
        ...

    def release(self, transaction_ids: Sequence[str], at: dt.datetime) -> None:
        """They may go from that moment on."""
        ...

    def move(self, transaction_ids: Sequence[str], before: FeedState, after: FeedState) -> int:
        """Those of them that stand so change their state; how many those are."""
        ...

    def open_batch(self, batch_id: str, *, now: dt.datetime, most: int) -> Batch | None:
        """A new batch of what may go now, the oldest first; None when nothing may."""
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

    def left(self, batch_id: str) -> None:
        """What is in the batch has been sent."""
        ...

    def answer(self, answers: Mapping[str, tuple[FeedState, str | None]]) -> None:
        """What the receiver said of each, with its code."""
        ...

    def acknowledged(self, digest: str, batch_id: str, at: dt.datetime) -> bool:
        """Whether an acknowledgement of that digest is new; then it counts as taken in."""
        ...

    def recall(self, dispatch_id: str) -> int:
        """Stops the dispatch's transactions that are not in a batch already made; how many those are."""
        ...

    def figures(self) -> Sequence[Figures]:
        """How all transactions stand."""
        ...

    def with_state(self, state: FeedState, limit: int) -> Sequence[Transaction]:
        """Those that stand so, the oldest first."""
        ...

    def expirable(self) -> Sequence[Batch]:
        """Closed batches whose bytes are kept though every package in them has expired."""
        ...


class FeedPlace(Protocol):
    """Where batches are put for the receiver. Raises ServiceDown (storage.unavailable, storage.full)."""

    def put(self, name: str, content: bytes) -> None:
        """Puts the file there, whole under its name at once; again: replaces it by the same."""
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
