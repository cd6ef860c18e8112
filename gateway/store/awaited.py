"""Signed receipts that are awaited, as rows. See `gateway.ports.incoming.AwaitedReceipts` for the contract."""

import sqlalchemy as sa

from gateway.domain.receipt import AwaitedReceipt
from gateway.store.tables.mailbox import awaited_receipts

_ADD = sa.insert(awaited_receipts)
_FIND = sa.select(awaited_receipts).where(awaited_receipts.c.content_identifier == sa.bindparam("b_name"))


class SqlAwaitedReceipts:
    """`AwaitedReceipts` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, awaited: AwaitedReceipt, *, token: str) -> None:
        """The message whose reference bears that token asks for it."""
        self._connection.execute(_ADD, {**vars(awaited), "token": token})

    def find(self, content_identifier: str) -> tuple[AwaitedReceipt, str] | None:
        """What a receipt of that name must match, and the token of the message that asked."""
        row = self._connection.execute(_FIND, {"b_name": content_identifier}).one_or_none()
        if row is None:
            return None
        awaited = AwaitedReceipt(
            content_identifier=row.content_identifier, signature=row.signature, attributes=row.attributes
        )
        return awaited, row.token
