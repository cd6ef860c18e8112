"""Mails to staff as rows. See `gateway.ports.staff_mails.StaffMails` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.ports.calls import Untold
from gateway.ports.staff_mails import StaffMail
from gateway.store.columns import UtcTime
from gateway.store.locking import locked_or_passed_over
from gateway.store.rows import columns_of
from gateway.store.tables.staff import staff_mails, staff_matters
from gateway.store.upsert import insert_into

_DUE = (
    sa.select(*columns_of(staff_mails, StaffMail))
    .where(staff_mails.c.next_at <= sa.bindparam("b_now", type_=UtcTime))
    .order_by(staff_mails.c.ordinal)
)
_OWE = sa.insert(staff_mails).inline()
_NEXT = sa.update(staff_mails).where(staff_mails.c.id == sa.bindparam("b_id"))
_UNTOLD = sa.select(sa.func.count(), sa.func.min(staff_mails.c.made_at, type_=UtcTime)).where(
    staff_mails.c.next_at.is_not(None)
)
_KNOWN = sa.select(staff_matters.c.matter).where(staff_matters.c.matter.like(sa.bindparam("b_kind")))
_GONE = sa.delete(staff_matters).where(staff_matters.c.matter.in_(sa.bindparam("b_gone", expanding=True)))
_BEFORE = sa.bindparam("b_before", type_=UtcTime)
_FORGET = (
    sa.delete(staff_mails).where(staff_mails.c.made_at < _BEFORE),
    sa.delete(staff_matters).where(staff_matters.c.told_at < _BEFORE),
)


@cache
def _new(dialect: str) -> sa.Executable:
    insert = insert_into(staff_matters, dialect)
    return insert.on_conflict_do_nothing(index_elements=["matter"]).returning(staff_matters.c.matter)


class SqlStaffMails:
    """`StaffMails` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def news(self, matters: Sequence[str], at: dt.datetime) -> Sequence[str]:
        """Those of the matters of which nobody was told yet. They count as told from now on."""
        add = _new(self._connection.dialect.name)
        rows = (self._connection.execute(add, {"matter": one, "told_at": at}).one_or_none() for one in matters)
        return [row.matter for row in rows if row is not None]

    def begun(self, kind: str, standing: Sequence[str], at: dt.datetime) -> Sequence[str]:
        """Those of what stands of a kind that did not when this was last asked."""
        matters = {f"{kind}/{one}": one for one in standing}
        known = set(self._connection.scalars(_KNOWN, {"b_kind": f"{kind}/%"}))
        if gone := sorted(known - matters.keys()):
            self._connection.execute(_GONE, {"b_gone": gone})
        return [matters[name] for name in self.news([one for one in matters if one not in known], at)]

    def owe(self, mails: Sequence[StaffMail]) -> None:
        """More to send."""
        if mails:
            self._connection.execute(_OWE, [vars(one) for one in mails])

    def due(self, now: dt.datetime) -> bool:
        """Whether anything is due."""
        return self._connection.execute(_DUE.limit(1), {"b_now": now}).first() is not None

    def take(self, *, now: dt.datetime, until: dt.datetime, limit: int) -> Sequence[StaffMail]:
        """What is due, the oldest first; nobody else takes it before `until`."""
        rows = self._connection.execute(locked_or_passed_over(_DUE.limit(limit)), {"b_now": now}).all()
        for row in rows:
            self._connection.execute(_NEXT.values(next_at=until), {"b_id": row.id})
        return [StaffMail(**row._mapping) for row in rows]

    def settle(self, mail_id: str) -> None:
        """It is owed no more."""
        self._connection.execute(_NEXT.values(next_at=None), {"b_id": mail_id})

    def untold(self) -> Untold | None:
        """How much is owed, and since when; None when nothing is."""
        count, since = self._connection.execute(_UNTOLD).one()
        return Untold(count=count, since=since) if count else None

    def forget(self, *, before: dt.datetime) -> None:
        """Removes mails and matters of before then."""
        for one in _FORGET:
            self._connection.execute(one, {"b_before": before})
