"""Transactions on one outcome, one after the other: which stands, and what is told when a package is recalled.

Each transaction names the one before it: the one it corrects, which the receiver has, or the one it replaces, which the
receiver does not have. See ADR 39.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.domain.dispatch import Step
from gateway.domain.feed import FeedKind, FeedState, Transaction, telling_kind
from gateway.ports.database import Transaction as Written

_TOLD = frozenset({FeedState.SENT, FeedState.ACCEPTED})


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What is to be told. source: whose line: that of what stands, else that of what is withdrawn. held: what the
    receiver has and no longer stands. taken_back: what stands, or something before it, was told of a UCI that was not
    the person's, and withdrawn."""

    source: Transaction
    held: Transaction | None
    taken_back: bool = False

    @property
    def kind(self) -> FeedKind:
        """A withdrawal where nothing stands in place of what the receiver has."""
        if self.source is self.held:
            return FeedKind.WITHDRAWAL
        return telling_kind(self.held.id if self.held else None)


def receiver_has(tx: Written, one: Transaction) -> bool:
    """Whether the receiver has it, or may."""
    if one.state is not FeedState.BATCHED:
        return one.state in _TOLD
    batch = tx.feed.batch(one.batch or "")
    return batch is not None and batch.may_have_left


def standing(tx: Written, one: Transaction) -> Transaction:
    """What stands now on the outcome that `one` was to tell; where all of it was recalled, what was recalled last."""
    newest = found = _newest(tx, one)
    while found.state is FeedState.RECALLED:
        before = _before(tx, found)
        if before is None:
            return newest
        found = _newest(tx, before)
    return found


def after_recall(tx: Written, dispatch_id: str) -> Sequence[Telling]:
    """What the receiver has to be told now that the package is recalled."""
    ends = (one for one in tx.feed.of_dispatch(dispatch_id) if not tx.feed.successors(one.id))
    tellings = (_telling(tx, one) for one in ends if one.kind is not FeedKind.WITHDRAWAL)
    return [one for one in tellings if one is not None and _can_be_read(tx, one.source)]


def held_before(tx: Written, one: Transaction) -> str | None:
    """What the receiver has of what `one` was to correct: a transaction that it rejected as well it does not have."""
    corrected = tx.feed.get(one.corrects) if one.corrects else None
    if one.kind is FeedKind.WITHDRAWAL:
        return one.corrects
    while corrected is not None and not receiver_has(tx, corrected):
        corrected = tx.feed.get(corrected.corrects) if corrected.corrects else None
    return None if corrected is None else corrected.id


def after_rejection(tx: Written, transaction_id: str) -> FeedState:
    """How a rejected transaction stands: what took its place is told, and what withdraws nothing is given up; neither
    is work for staff."""
    rejected = tx.feed.get(transaction_id)
    if rejected is None or tx.feed.successors(transaction_id):
        return FeedState.SUPERSEDED
    if rejected.kind is FeedKind.WITHDRAWAL:
        withdrawn = tx.feed.get(rejected.corrects or "")
        return FeedState.REJECTED if withdrawn is not None and receiver_has(tx, withdrawn) else FeedState.RECALLED
    return FeedState.REJECTED


def _telling(tx: Written, recalled: Transaction) -> Telling | None:
    held = recalled if receiver_has(tx, recalled) else tx.feed.get(recalled.corrects or "")
    stands = next((one for one in _back(tx, recalled) if not _is_recalled(tx, one)), None)
    source = stands or held
    if source is None or (held is not None and stands is not None and stands.id == held.id):
        return None
    if held is not None and any(one.state is not FeedState.SUPERSEDED for one in tx.feed.successors(held.id)):
        return None
    if source.kind is FeedKind.WITHDRAWAL:
        return None
    # What was recalled does not refer to what the receiver has: it was of another UCI.
    taken_back = held is None and any(receiver_has(tx, one) for one in (source, *_back(tx, source)))
    return Telling(source=source, held=held, taken_back=taken_back)


def _back(tx: Written, one: Transaction) -> Iterator[Transaction]:
    before = _before(tx, one)
    while before is not None:
        if before.kind is not FeedKind.WITHDRAWAL:
            yield before
        before = _before(tx, before)


def _is_recalled(tx: Written, one: Transaction) -> bool:
    """Or expired: its outcome can no longer be told."""
    return tx.dispatches.get(one.dispatch).step is Step.RECALLED or not _can_be_read(tx, one)


def _can_be_read(tx: Written, one: Transaction) -> bool:
    return tx.registry.has_data_key(tx.dispatches.get(one.dispatch).data_key)


def _newest(tx: Written, one: Transaction) -> Transaction:
    while after := tx.feed.successors(one.id):
        # A withdrawal beside another takes back what was told of another UCI: what stands is the other.
        one = ([each for each in after if each.kind is not FeedKind.WITHDRAWAL] or after)[-1]
    return one


def _before(tx: Written, one: Transaction) -> Transaction | None:
    return tx.feed.get(one.before) if one.before else None
