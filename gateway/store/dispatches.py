"""Accepted packages as rows. See `gateway.ports.work.Dispatches` for the contract."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.ports.work import LeaseLost
from gateway.store.columns import UtcTime
from gateway.store.conditions import waiting
from gateway.store.held import HeldRows
from gateway.store.kept import evidence_key_of
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.tables.draft import dispatch_files
from gateway.store.tables.work import data_keys, dispatches
from gateway.store.turns import CLAIM, DAYS, DUE_IDS, KEPT_TURN, NEXT_TURN, behind

_COLUMNS = columns_of(dispatches, Dispatch)
_ALL = sa.select(*_COLUMNS)
_BY_ID = _ALL.where(dispatches.c.id == sa.bindparam("b_id"))
_BY_ID_LOCKED = locked(_BY_ID)
_BY_PACKAGE = _ALL.where(dispatches.c.package_id == sa.bindparam("b_package"))
_BY_DIGEST = _ALL.where(dispatches.c.digest == sa.bindparam("b_digest")).order_by(dispatches.c.ordinal).limit(1)
_NEWEST = _ALL.order_by(dispatches.c.ordinal.desc()).limit(sa.bindparam("b_limit", type_=sa.Integer))


_ADD = (
    sa.insert(dispatches).inline().values({one.name: sa.bindparam(one.name) for one in _COLUMNS} | {"turn": NEXT_TURN})
)
_ADD_FILES = sa.insert(dispatch_files)
_MOST_OF_FILE = 100
_OF_FILE = (
    _ALL.join(dispatch_files, dispatch_files.c.dispatch == dispatches.c.id)
    .where(dispatch_files.c.file == sa.bindparam("b_file"))
    .order_by(dispatches.c.ordinal.desc())
    .limit(_MOST_OF_FILE)
)
_OF_DIVISION = _OF_FILE.where(
    dispatch_files.c.division == sa.bindparam("b_division", type_=dispatch_files.c.division.type)
)
_COUNT = sa.select(dispatches.c.step, sa.func.count()).group_by(dispatches.c.step)

_WAITING = (
    sa.select(dispatches.c.submitted_by, sa.func.count())
    .where(waiting(dispatches.c.step))
    .group_by(dispatches.c.submitted_by)
)


_KEPT = (
    sa.select(dispatches.c.id)
    .join(data_keys, data_keys.c.id == dispatches.c.data_key)
    .where(dispatches.c.accepted_at < sa.bindparam("b_before", type_=UtcTime))
    .order_by(dispatches.c.ordinal)
)
_WITH_REMAINS = (
    sa.select(dispatches.c.id)
    .join(data_keys, data_keys.c.id == evidence_key_of(dispatches.c.id))
    .where(dispatches.c.data_key.not_in(sa.select(data_keys.c.id)))
    .order_by(dispatches.c.ordinal)
)
_FILES_KEPT = (
    sa.select(dispatches.c.division, dispatches.c.files)
    .join(data_keys, data_keys.c.id == dispatches.c.data_key)
    .distinct()
)
_CHANGING = ("step", "due", "attempts", "fence", "next_action_at", "lease_until")
_SAVE = (
    sa.update(dispatches)
    .where(dispatches.c.id == sa.bindparam("b_id"), dispatches.c.fence <= sa.bindparam("b_fence"))
    .values({name: sa.bindparam(name) for name in _CHANGING} | {"turn": KEPT_TURN})
)


class SqlDispatches:
    """`Dispatches` over a connection."""

    def __init__(self, connection: sa.Connection, held: HeldRows) -> None:
        self._connection = connection
        self._held = held

    def add(self, dispatch: Dispatch) -> None:
        """Raises Conflict (package.conflict) when the package id is there already; the transaction is then over."""
        try:
            self._connection.execute(_ADD, vars(dispatch))
        except sa.exc.IntegrityError as error:
            if "package_id" not in str(error.orig):
                raise
            raise Conflict(Code.PACKAGE_CONFLICT, where="$.package_id") from error
        files = [
            {"file": one, "division": dispatch.division, "dispatch": dispatch.id}
            for one in dict.fromkeys(dispatch.files)
        ]
        if files:
            self._connection.execute(_ADD_FILES, files)
        self._held.add_new(dispatch.id)

    def get(self, dispatch_id: str, *, lock: bool = False) -> Dispatch:
        """Raises NoSuchThing (dispatch.unknown). `lock`: until the transaction ends nobody else writes it."""
        row = self._connection.execute(_BY_ID_LOCKED if lock else _BY_ID, {"b_id": dispatch_id}).one_or_none()
        if row is None:
            raise NoSuchThing(Code.DISPATCH_UNKNOWN, where=dispatch_id)
        if lock:
            self._held.add(dispatch_id)
        return Dispatch(**row._mapping)

    def by_package(self, package_id: UUID) -> Dispatch | None:
        """The dispatch of that package, if it was accepted before."""
        row = self._connection.execute(_BY_PACKAGE, {"b_package": package_id}).one_or_none()
        return None if row is None else Dispatch(**row._mapping)

    def by_digest(self, digest: str) -> Dispatch | None:
        """The dispatch of a package with exactly these bytes, if it was accepted before."""
        row = self._connection.execute(_BY_DIGEST, {"b_digest": digest}).one_or_none()
        return None if row is None else Dispatch(**row._mapping)

    def of_file(self, file: str, *, division: Division | None = None) -> Sequence[Dispatch]:
        """Those about the file, the newest first; no more than a hundred."""
        query = _OF_FILE if division is None else _OF_DIVISION
        rows = self._connection.execute(query, {"b_file": file} | ({"b_division": division} if division else {}))
        return [Dispatch(**row._mapping) for row in rows]

    def newest(self, limit: int) -> Sequence[Dispatch]:
        """The newest first."""
        return [Dispatch(**row._mapping) for row in self._connection.execute(_NEWEST, {"b_limit": limit})]

    def claim(self, step: Step, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> Sequence[Dispatch]:
        """Takes due rows of the step that nobody holds, or whose lease ran out: a step's work may be done again."""
        rows: list[sa.Row[Any]] = []
        for values in self._days(step, now):
            if len(rows) == limit:
                break
            values |= {"b_until": now + lease, "b_limit": limit - len(rows)}
            rows += sorted(self._connection.execute(CLAIM, values), key=_urgency)
        self._held.add(*(one.id for one in rows))
        return [Dispatch(**{column.name: row._mapping[column] for column in _COLUMNS}) for row in rows]

    def due(self, step: Step, *, now: dt.datetime, limit: int) -> Sequence[str]:
        """The ids that `claim` would take, earliest due first. Takes nothing."""
        found: list[str] = []
        for values in self._days(step, now):
            if len(found) == limit:
                break
            found += self._connection.scalars(DUE_IDS, {**values, "b_limit": limit - len(found)})
        return found

    def _days(self, step: Step, now: dt.datetime) -> Iterator[dict[str, object]]:
        """The days of which something may be claimed now, the earliest first."""
        days = self._connection.execute(DAYS, {"b_step": step}).all()
        for day in sorted(days, key=lambda one: one.due or dt.date.max):
            if day.turn <= behind(now):
                yield {"b_step": step, "b_day": day.due, "b_latest": behind(now), "b_now": now}

    def save(self, dispatch: Dispatch) -> None:
        """Writes step, due, attempts, next action and lease. Raises LeaseLost when the fence is no longer newest."""
        values = {name: getattr(dispatch, name) for name in _CHANGING}
        which = {"b_id": dispatch.id, "b_fence": dispatch.fence, "b_behind": behind(dispatch.next_action_at)}
        if self._connection.execute(_SAVE, {**which, **values}).rowcount == 0:
            raise LeaseLost
        self._held.add(dispatch.id)

    def kept(self, *, accepted_before: dt.datetime) -> Sequence[str]:
        """The ids of those accepted before that moment whose data key is still there, the oldest first."""
        return self._connection.scalars(_KEPT, {"b_before": accepted_before}).all()

    def with_remains(self) -> Sequence[str]:
        """The ids of those whose package expired and whose evidence did not, the oldest first."""
        return self._connection.scalars(_WITH_REMAINS).all()

    def files_kept(self) -> Set[tuple[Division, str]]:
        """The files of those whose data key is still there."""
        return {(row.division, file) for row in self._connection.execute(_FILES_KEPT) for file in row.files}

    def waiting_by_submitter(self) -> Mapping[str, int]:
        """How many wait to be planned or rendered, by who submitted them."""
        return Counter({who: count for who, count in self._connection.execute(_WAITING)})  # noqa: C416

    def count_by_step(self) -> Mapping[Step, int]:
        """How many dispatches stand at each step; 0 for a step where none does."""
        return Counter({step: count for step, count in self._connection.execute(_COUNT)})  # noqa: C416  (rows are no pairs to mypy)


def _urgency(row: sa.Row[Any]) -> tuple[int, dt.datetime]:
    return row.turn, row.next_action_at or dt.datetime.min.replace(tzinfo=dt.UTC)
