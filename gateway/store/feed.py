"""The ledger of the outcome feed as rows. See `gateway.ports.feed.Feed` for the contract."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.feed import DIVISIONS, Batch, FeedKind, FeedState, Transaction
from gateway.domain.outcomes import Division
from gateway.ports.feed import Figures
from gateway.store.locking import only_writer
from gateway.store.offices import dispatch_of_offices
from gateway.store.rows import columns_of
from gateway.store.tables.feed import feed_acknowledgements, feed_batches, feed_owed, feed_transactions
from gateway.store.tables.work import data_keys, deliveries, dispatches
from gateway.store.upsert import insert_into

_T, _B = feed_transactions.c, feed_batches.c
_TRANSACTIONS = sa.select(*columns_of(feed_transactions, Transaction))
_BATCHES = sa.select(*columns_of(feed_batches, Batch)).order_by(_B.sequence)
_OWED = (
    sa.select(feed_owed.c.dispatch)
    .join(dispatches, dispatches.c.id == feed_owed.c.dispatch)
    # Only then the cooling-off has begun: what was never rendered is held up by something that a person sees to.
    .where(dispatches.c.step.in_((Step.DONE, Step.RECALLED)))
    .order_by(feed_owed.c.ordinal)
)
_SETTLE = sa.delete(feed_owed).where(feed_owed.c.dispatch == sa.bindparam("b_dispatch")).returning(feed_owed.c.dispatch)
_MOVE = (
    sa.update(feed_transactions)
    .where(_T.id == sa.bindparam("b_id"), _T.state == sa.bindparam("b_before", type_=_T.state.type))
    .values(state=sa.bindparam("b_after", type_=_T.state.type))
)
_ANSWER = (
    sa.update(feed_transactions)
    .where(_T.id == sa.bindparam("b_id"))
    .values(state=sa.bindparam("b_state", type_=_T.state.type), code=sa.bindparam("b_code"))
)
_PUT_IN = (
    sa.update(feed_transactions)
    .where(_T.id == sa.bindparam("b_id"))
    .values(state=FeedState.BATCHED, batch=sa.bindparam("b_batch"), place=sa.bindparam("b_place"))
)
_RELEASE = (
    sa.update(feed_transactions)
    .where(_T.id == sa.bindparam("b_id"), _T.release_at.is_(None))
    .values(release_at=sa.bindparam("b_at", type_=_T.release_at.type))
)
_ITS_PERSON_S = sa.and_(
    deliveries.c.dispatch == _T.dispatch,
    # The ids of participants stand in it as JSON texts.
    sa.func.replace(
        sa.type_coerce(_T.told_for, sa.Text), sa.literal('"').concat(deliveries.c.participant).concat('"'), ""
    )
    != sa.type_coerce(_T.told_for, sa.Text),
)
_HAS_IT = sa.or_(
    deliveries.c.state == DeliveryState.DELIVERED,
    sa.and_(deliveries.c.state == DeliveryState.HANDED_OVER, deliveries.c.settled),
)
_ENDED = deliveries.c.state.in_((DeliveryState.CANCELLED, DeliveryState.RECALLED))
_UNRELEASED = sa.and_(_T.state == FeedState.WAITING, _T.release_at.is_(None))
_STAYED = sa.select(_B.id).where(_B.puts == 0, _B.doubtful == 0, _B.closed_at.is_(None))
_STOPPABLE = sa.or_(
    _T.state.in_((FeedState.WAITING, FeedState.NEEDS_PERSON, FeedState.REJECTED)),
    sa.and_(_T.state == FeedState.BATCHED, _T.batch.in_(_STAYED)),
)
"""The receiver does not have it."""
_OUT_OF_ITS_BATCH = {
    name: sa.case((_T.state == FeedState.BATCHED, sa.null()), else_=_T[name]) for name in ("batch", "place")
}
"""An answer that a line was given stays with its batch."""
_SUPERSEDE = (
    sa.update(feed_transactions)
    .where(_T.id == sa.bindparam("b_id"), _STOPPABLE)
    .values(state=FeedState.SUPERSEDED, **_OUT_OF_ITS_BATCH)
)
_TAKE_OUT = (
    sa.update(feed_transactions)
    .where(_T.id == sa.bindparam("b_id"), _T.state == FeedState.BATCHED)
    .values(state=FeedState.NEEDS_PERSON, batch=None, place=None)
)
_OF_DISPATCH = sa.and_(_T.dispatch == sa.bindparam("b_dispatch"), _T.kind != FeedKind.WITHDRAWAL)
_RECALL = (
    sa.update(feed_transactions)
    .where(_OF_DISPATCH, sa.or_(_STOPPABLE, _T.state == FeedState.SUPERSEDED))
    .values(state=FeedState.RECALLED, **_OUT_OF_ITS_BATCH)
)
_SUCCESSORS = _TRANSACTIONS.where(
    sa.or_(_T.corrects == sa.bindparam("b_id"), _T.replaces == sa.bindparam("b_id")), _T.state != FeedState.RECALLED
).order_by(_T.ordinal)
# Of one division: grouped as an index has it, so that neither is sorted in memory, however many there are.
_OF_DIVISION = _T.division == sa.bindparam("b_division", type_=_T.division.type)
_FIGURES = (
    sa.select(_T.state, sa.func.count(), sa.func.min(_T.made_at, type_=_T.made_at.type))
    .where(_OF_DIVISION)
    .group_by(_T.state)
    .order_by(_T.state)
)
_OWED_AT_FIRST = (
    sa.select(dispatches.c.division)
    .join(feed_owed, feed_owed.c.dispatch == dispatches.c.id)
    .where(~sa.exists().where(_T.dispatch == feed_owed.c.dispatch))
)
_TOLD_OF = sa.select(_T.dispatch).where(_OF_DIVISION).distinct()
_KEPT_OPEN = (
    sa.select(sa.func.min(_T.ordinal))
    .join(dispatches, dispatches.c.id == _T.dispatch)
    .join(data_keys, data_keys.c.id == dispatches.c.data_key)
    .where(_T.batch == _B.id)
    .scalar_subquery()
)
_LAST_OPENED = sa.select(_B.opened_at).order_by(_B.sequence.desc()).limit(1)
_CHANGING = tuple(one.name for one in feed_batches.c if one.name not in {"ordinal", "id", "sequence", "opened_at"})
_SAVE = (
    sa.update(feed_batches)
    .where(_B.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)


def _counted(told_of: sa.Select[tuple[str]]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(told_of.subquery("told_of"))


def _may_go(now: dt.datetime, after_recall: Collection[FeedKind] | None) -> sa.Select[tuple[str]]:
    may_go = sa.select(_T.id).where(_T.state == FeedState.WAITING, _T.release_at <= now)
    if after_recall is None:
        return may_go
    told = feed_transactions.alias()
    steps = sa.select(dispatches.c.step).join(told, told.c.dispatch == dispatches.c.id)
    step_of_told = steps.where(told.c.id == _T.corrects).correlate(feed_transactions).scalar_subquery()
    # A withdrawal of what was not recalled takes back what was told of a UCI that was not the person's.
    taken_back = sa.or_(step_of_told == Step.RECALLED, _T.kind == FeedKind.WITHDRAWAL)
    return may_go.where(_T.kind.in_(list(after_recall)), taken_back)


def _of_its_person(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    found = sa.select(deliveries.c.id).where(_ITS_PERSON_S, condition).correlate(feed_transactions)
    return found.limit(1).scalar_subquery().is_not(None)


class SqlFeed:
    """`Feed` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def owe(self, dispatch_id: str, at: dt.datetime) -> None:
        """The outcomes of the dispatch are to be told."""
        self._connection.execute(sa.insert(feed_owed).inline(), {"dispatch": dispatch_id, "owed_at": at})

    def owed(self, limit: int) -> Sequence[str]:
        """Dispatches whose papers are made and whose transactions are not, the oldest first."""
        return list(self._connection.scalars(_OWED.limit(limit)))

    def put_behind(self, dispatch_ids: Sequence[str]) -> None:
        """See the contract."""
        of_them = sa.delete(feed_owed).where(feed_owed.c.dispatch.in_(list(dispatch_ids)))
        found = self._connection.execute(of_them.returning(feed_owed.c.dispatch, feed_owed.c.owed_at)).all()
        since = {row.dispatch: row.owed_at for row in found}
        again = [{"dispatch": one, "owed_at": since[one]} for one in dispatch_ids if one in since]
        if again:
            self._connection.execute(sa.insert(feed_owed).inline(), again)

    def is_owed(self, dispatch_id: str) -> bool:
        """Whether the dispatch's transactions are still to be made."""
        found = sa.select(feed_owed.c.dispatch).where(feed_owed.c.dispatch == dispatch_id)
        return self._connection.scalar(found) is not None

    def owed_count(self) -> int:
        """How many dispatches are owed in all."""
        return int(self._connection.scalar(sa.select(sa.func.count()).select_from(feed_owed)) or 0)

    def composed(self, dispatch_id: str, transactions: Sequence[Transaction], superseded: Sequence[str]) -> bool:
        """See the contract."""
        only_writer(self._connection, feed_transactions)
        ended = sa.or_(_STOPPABLE, _T.state.in_((FeedState.SUPERSEDED, FeedState.RECALLED, FeedState.GIVEN_UP)))
        standing = sa.select(sa.func.count()).where(_T.id.in_(superseded), ended)
        if superseded and self._connection.scalar(standing) != len(superseded):
            return False
        taken = {*superseded, *(one.corrects for one in transactions if one.corrects)}
        others = [one for name in taken for one in self.successors(name) if one.state is not FeedState.SUPERSEDED]
        if {one.id for one in others} - set(superseded):
            return False
        if self._connection.execute(_SETTLE, {"b_dispatch": dispatch_id}).one_or_none() is None:
            return False
        if superseded:
            self._connection.execute(_SUPERSEDE, [{"b_id": one} for one in superseded])
        for one in transactions:
            self.add(one)
        return True

    def add(self, transaction: Transaction) -> None:
        """One more transaction."""
        self._connection.execute(sa.insert(feed_transactions).inline(), vars(transaction))

    def get(self, transaction_id: str) -> Transaction | None:
        """The transaction of that id."""
        return next(iter(self._found(_TRANSACTIONS.where(_T.id == transaction_id))), None)

    def of_dispatch(self, dispatch_id: str) -> Sequence[Transaction]:
        """In the order they were made."""
        return self._found(_TRANSACTIONS.where(_T.dispatch == dispatch_id).order_by(_T.ordinal))

    def successors(self, transaction_id: str) -> Sequence[Transaction]:
        """What was to stand in place of that one and was not recalled, in the order they were made."""
        return [Transaction(**row._mapping) for row in self._connection.execute(_SUCCESSORS, {"b_id": transaction_id})]

    def referred_to(self, batch_id: str) -> bool:
        """Whether anything in the batch has a successor."""
        after = feed_transactions.alias()
        named = sa.and_(after.c.corrects == _T.id, after.c.state != FeedState.RECALLED)
        found = sa.select(_T.id).join(after, named).where(_T.batch == batch_id).limit(1)
        return self._connection.scalar(found) is not None

    def unreleased(self, limit: int) -> Sequence[Transaction]:
        """Those that wait without a moment from which they may go."""
        return self._found(_TRANSACTIONS.where(_UNRELEASED).order_by(_T.ordinal).limit(limit))

    def reached(self, limit: int) -> Sequence[str]:
        """See the contract."""
        return self._unreleased_where(_of_its_person(_HAS_IT), limit)

    def unreachable(self, limit: int) -> Sequence[str]:
        """See the contract."""
        return self._unreleased_where(sa.and_(_of_its_person(_ENDED), ~_of_its_person(~_ENDED)), limit)

    def release(self, transaction_ids: Sequence[str], at: dt.datetime) -> None:
        """They may go from that moment on."""
        if transaction_ids:
            self._connection.execute(_RELEASE, [{"b_id": one, "b_at": at} for one in transaction_ids])

    def move(self, transaction_ids: Sequence[str], before: FeedState, after: FeedState) -> int:
        """Those of them that stand so change their state; how many those are."""
        moved = 0
        for one in transaction_ids:
            moved += self._connection.execute(_MOVE, {"b_id": one, "b_before": before, "b_after": after}).rowcount
        return moved

    def open_batch(
        self, batch_id: str, *, now: dt.datetime, most: int, after_recall: Collection[FeedKind] | None = None
    ) -> Batch | None:
        """See the contract."""
        only_writer(self._connection, feed_transactions)
        ids = list(self._connection.scalars(_may_go(now, after_recall).order_by(_T.ordinal).limit(most)))
        if not ids:
            return None
        sequence = int(self._connection.scalar(sa.select(sa.func.coalesce(sa.func.max(_B.sequence), 0))) or 0) + 1
        batch = Batch(id=batch_id, sequence=sequence, count=len(ids), opened_at=now)
        self._connection.execute(sa.insert(feed_batches).inline(), vars(batch))
        rows = [{"b_id": one, "b_batch": batch_id, "b_place": place} for place, one in enumerate(ids)]
        self._connection.execute(_PUT_IN, rows)
        return batch

    def waits(self, now: dt.datetime, *, after_recall: Collection[FeedKind] | None = None) -> bool:
        """Whether `open_batch` would open one."""
        return self._connection.scalar(_may_go(now, after_recall).limit(1)) is not None

    def last_opened_at(self) -> dt.datetime | None:
        """When the newest batch was opened."""
        return self._connection.scalar(_LAST_OPENED)

    def batches(self, *, unfinished: bool) -> Sequence[Batch]:
        """By sequence; `unfinished`: those alone that are not closed."""
        query = _BATCHES.where(_B.closed_at.is_(None)) if unfinished else _BATCHES
        return [Batch(**row._mapping) for row in self._connection.execute(query)]

    def batch(self, batch_id: str, *, lock: bool = False) -> Batch | None:
        """The batch of that id. lock: until the transaction ends nobody else changes the ledger."""
        if lock:
            only_writer(self._connection, feed_transactions)
        row = self._connection.execute(_BATCHES.where(_B.id == batch_id)).one_or_none()
        return None if row is None else Batch(**row._mapping)

    def before(self, sequence: int) -> Batch | None:
        """The batch before that sequence; one that came to nothing has no digest, and is passed over."""
        query = _BATCHES.order_by(None).where(_B.sequence < sequence, _B.digest.is_not(None))
        row = self._connection.execute(query.order_by(_B.sequence.desc()).limit(1)).one_or_none()
        return None if row is None else Batch(**row._mapping)

    def save(self, batch: Batch) -> None:
        """As it stands now."""
        self._connection.execute(_SAVE, {"b_id": batch.id, **{name: getattr(batch, name) for name in _CHANGING}})

    def lines(self, batch_id: str) -> Sequence[Transaction]:
        """What is in the batch, in its order."""
        return self._found(_TRANSACTIONS.where(_T.batch == batch_id).order_by(_T.place))

    def standing(self, batch_id: str) -> Mapping[str, FeedState]:
        """How each transaction of the batch stands, without its line."""
        rows = self._connection.execute(sa.select(_T.id, _T.state).where(_T.batch == batch_id))
        return {row.id: row.state for row in rows}

    def take_out(self, transaction_ids: Sequence[str]) -> None:
        """They are in their batch no more, and for staff."""
        if transaction_ids:
            self._connection.execute(_TAKE_OUT, [{"b_id": one} for one in transaction_ids])

    def left(self, batch_id: str) -> None:
        """What is in the batch has been sent."""
        left = sa.update(feed_transactions).where(_T.batch == batch_id, _T.state == FeedState.BATCHED)
        self._connection.execute(left.values(state=FeedState.SENT))

    def answer(self, answers: Mapping[str, tuple[FeedState, str | None]]) -> None:
        """What the receiver said of each, with its code."""
        rows = [{"b_id": one, "b_state": state, "b_code": code} for one, (state, code) in answers.items()]
        if rows:
            self._connection.execute(_ANSWER, rows)

    def acknowledged(self, digest: str, batch_id: str, at: dt.datetime) -> bool:
        """Whether an acknowledgement of that digest is new; then it counts as taken in."""
        insert = insert_into(feed_acknowledgements, self._connection.dialect.name)
        added = insert.on_conflict_do_nothing(index_elements=["digest"]).returning(feed_acknowledgements.c.digest)
        values = {"digest": digest, "batch": batch_id, "received_at": at}
        return self._connection.execute(added, values).one_or_none() is not None

    def recall(self, dispatch_id: str, at: dt.datetime) -> int:
        """See the contract."""
        only_writer(self._connection, feed_transactions)
        stopped = int(self._connection.execute(_RECALL, {"b_dispatch": dispatch_id}).rowcount)
        told = self._connection.scalar(sa.select(_T.id).where(_OF_DISPATCH).limit(1), {"b_dispatch": dispatch_id})
        if told is not None:
            owed = insert_into(feed_owed, self._connection.dialect.name).on_conflict_do_nothing()
            self._connection.execute(owed, {"dispatch": dispatch_id, "owed_at": at})
        return stopped

    def figures(self, *, offices: frozenset[str] | None = None) -> Sequence[Figures]:
        """How all transactions stand."""
        query = _FIGURES if offices is None else _FIGURES.where(dispatch_of_offices(_T.dispatch, offices))
        return [
            Figures(division=division, state=row[0], count=row[1], oldest=row[2])
            for division in sorted(DIVISIONS)
            for row in self._connection.execute(query, {"b_division": division})
        ]

    def count(self, states: Collection[FeedState]) -> int:
        """How many stand in one of those states."""
        found = sa.select(sa.func.count()).select_from(feed_transactions).where(_T.state.in_(list(states)))
        return int(self._connection.scalar(found) or 0)

    def decisions(self, *, offices: frozenset[str] | None = None) -> Mapping[Division, int]:
        """See the contract."""
        owed, told_of = _OWED_AT_FIRST, _TOLD_OF
        if offices is not None:
            owed = owed.where(dispatches.c.office.in_(sorted(offices)))
            told_of = told_of.where(dispatch_of_offices(_T.dispatch, offices))
        counts, told = Counter(self._connection.scalars(owed)), _counted(told_of)
        for one in DIVISIONS:
            counts[one] += int(self._connection.scalar(told, {"b_division": one}) or 0)
        return +counts

    def with_state(
        self, state: FeedState, limit: int, *, offices: frozenset[str] | None = None
    ) -> Sequence[Transaction]:
        """Those that stand so, the oldest first."""
        query = _TRANSACTIONS.where(_T.state == state)
        query = query if offices is None else query.where(dispatch_of_offices(_T.dispatch, offices))
        return self._found(query.order_by(_T.ordinal).limit(limit))

    def expirable(self) -> Sequence[Batch]:
        """Closed batches whose bytes are kept though every package in them has expired."""
        query = _BATCHES.where(_B.object_name.is_not(None), _B.closed_at.is_not(None), _KEPT_OPEN.is_(None))
        return [Batch(**row._mapping) for row in self._connection.execute(query)]

    def _unreleased_where(self, condition: sa.ColumnElement[bool], limit: int) -> Sequence[str]:
        found = sa.select(_T.id).where(_UNRELEASED, condition).order_by(_T.ordinal)
        return list(self._connection.scalars(found.limit(limit)))

    def _found(self, query: sa.Select[tuple[object, ...]]) -> list[Transaction]:
        return [Transaction(**row._mapping) for row in self._connection.execute(query)]
