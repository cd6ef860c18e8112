"""The checkpoints over the ledger and their time stamps. The events themselves stand with the other tables: everything
writes them."""

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
    sa.Column("stamp_at", UtcTime),
)

# Nearly all of them have their stamp.
sa.Index(
    "ix_checkpoints_stamp_at",
    checkpoints.c.stamp_at,
    sqlite_where=checkpoints.c.stamp_at.is_not(None),
    postgresql_where=checkpoints.c.stamp_at.is_not(None),
)

stamps = sa.Table(
    "stamps",
    shapes.metadata,
    sa.Column("size", sa.BigInteger, sa.ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False),
    shapes.sealed_bytes("query"),
    shapes.sealed_bytes("answer"),
)
