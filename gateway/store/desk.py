"""How staff set up the console for themselves, as rows. See `gateway.ports.desk.Desks` for the contract."""

from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.desk import SavedView
from gateway.store.locking import only_writer
from gateway.store.rows import columns_of
from gateway.store.tables.desk import desk_settings, desk_views
from gateway.store.upsert import Insert, replace_in

_OF_ACCOUNT = desk_views.c.account == sa.bindparam("b_account")
_THIS = sa.and_(_OF_ACCOUNT, desk_views.c.id == sa.bindparam("b_id"))
_VIEWS = sa.select(*columns_of(desk_views, SavedView)).where(_OF_ACCOUNT).order_by(desk_views.c.ordinal)
_ADD = sa.insert(desk_views).inline()
_RENAME = sa.update(desk_views).where(_THIS).values(name=sa.bindparam("b_name"))
_REMOVE = sa.delete(desk_views).where(_THIS)
_SHORTCUTS = sa.select(desk_settings.c.shortcuts).where(desk_settings.c.account == sa.bindparam("b_account"))


@cache
def _put_settings(dialect: str) -> Insert:
    return replace_in(desk_settings, dialect, key=("account",))


class SqlDesks:
    """`Desks` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def views(self, account: str, *, lock: bool = False) -> Sequence[SavedView]:
        """Theirs, in the order in which they were saved."""
        if lock:
            only_writer(self._connection, desk_views)
        return [SavedView(**row._mapping) for row in self._connection.execute(_VIEWS, {"b_account": account})]

    def add_view(self, view: SavedView) -> None:
        """One more."""
        self._connection.execute(_ADD, vars(view))

    def rename_view(self, account: str, view_id: str, name: bytes) -> bool:
        """Under another name."""
        values = {"b_account": account, "b_id": view_id, "b_name": name}
        return self._connection.execute(_RENAME, values).rowcount == 1

    def remove_view(self, account: str, view_id: str) -> bool:
        """It is gone."""
        return self._connection.execute(_REMOVE, {"b_account": account, "b_id": view_id}).rowcount == 1

    def shortcuts(self, account: str) -> bool:
        """Whether single keys act for them."""
        return self._connection.scalar(_SHORTCUTS, {"b_account": account}) is not False

    def set_shortcuts(self, account: str, *, on: bool) -> None:
        """From now on they do, or do not."""
        values = {"account": account, "shortcuts": on}
        self._connection.execute(_put_settings(self._connection.dialect.name), values)
