"""Codes that were printed, as rows. See `gateway.ports.incoming.ReturnCodes` for the contract."""

from functools import cache

import sqlalchemy as sa

from gateway.domain.return_code import ReturnCode
from gateway.store.tables.mailbox import return_codes
from gateway.store.upsert import insert_into

_FIND = sa.select(return_codes.c.token).where(return_codes.c.code == sa.bindparam("b_code"))


@cache
def _add(dialect: str) -> sa.Executable:
    return insert_into(return_codes, dialect).on_conflict_do_nothing(index_elements=["code"])


class SqlReturnCodes:
    """`ReturnCodes` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, code: ReturnCode, *, token: str) -> None:
        """The sending whose reference bears that token has it printed on a page."""
        self._connection.execute(_add(self._connection.dialect.name), {"code": code.text, "token": token})

    def find(self, code: ReturnCode) -> str | None:
        """The token of the sending; None: it was never printed."""
        token: str | None = self._connection.scalar(_FIND, {"b_code": code.text})
        return token
