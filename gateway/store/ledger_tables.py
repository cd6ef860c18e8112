"""The checkpoints over the ledger. The events themselves stand with the other tables: everything writes them."""

import sqlalchemy as sa

from gateway.store import shapes
from gateway.store.columns import UtcTime

checkpoints = sa.Table(
    "checkpoints",
    shapes.metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    shapes.sealed_bytes("frontier"),
    shapes.text("note"),
    sa.Column("made_at", UtcTime, nullable=False),
)
