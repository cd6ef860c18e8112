"""Mailboxes as rows. See `gateway.ports.mailboxes.Mailboxes` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.ports.mailboxes import MailboxStanding
from gateway.store.columns import UtcTime
from gateway.store.rows import columns_of
from gateway.store.tables.mailbox import mailboxes
from gateway.store.upsert import insert_into

_ALL = sa.select(*columns_of(mailboxes, MailboxStanding)).order_by(mailboxes.c.name)
_BY_NAME = _ALL.where(mailboxes.c.name == sa.bindparam("b_name"))
_CHANGING = ("holder", "held_until", "looked_at", "problem", "since")
_SAVE = (
    sa.update(mailboxes)
    .where(mailboxes.c.name == sa.bindparam("b_name"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)


@cache
def _hold(dialect: str) -> sa.Executable:
    """The first of several wins: the others find a row that is held."""
    insert = insert_into(mailboxes, dialect)
    return insert.on_conflict_do_update(
        index_elements=["name"],
        set_={name: insert.excluded[name] for name in ("holder", "held_until")},
        where=sa.or_(
            mailboxes.c.holder == insert.excluded.holder,
            mailboxes.c.held_until <= sa.bindparam("b_now", type_=UtcTime),
        ),
    ).returning(mailboxes.c.name)


class SqlMailboxes:
    """`Mailboxes` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def hold(self, name: str, *, holder: str, now: dt.datetime, until: dt.datetime) -> bool:
        """Whether it is `holder`'s until then: it was already, or nobody's any more."""
        values = {"name": name, "holder": holder, "held_until": until, "b_now": now}
        return self._connection.execute(_hold(self._connection.dialect.name), values).first() is not None

    def get(self, name: str) -> MailboxStanding | None:
        """None: nobody ever looked into it."""
        row = self._connection.execute(_BY_NAME, {"b_name": name}).one_or_none()
        return None if row is None else MailboxStanding(**row._mapping)

    def save(self, standing: MailboxStanding) -> None:
        """Writes how one stands that was held before."""
        values = {name: getattr(standing, name) for name in _CHANGING}
        self._connection.execute(_SAVE, {"b_name": standing.name, **values})

    def all(self) -> Sequence[MailboxStanding]:
        """Those that somebody looked into, by name."""
        return [MailboxStanding(**row._mapping) for row in self._connection.execute(_ALL)]
