"""The table of reports on privacy breaches."""

import sqlalchemy as sa

from gateway.store.columns import UtcTime
from gateway.store.shapes import metadata, sealed_bytes, text

breaches = sa.Table(
    "breaches",
    metadata,
    sa.Column("dispatch", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    text("number"),
    sa.Column("material_at", UtcTime),
    sa.Column("reported_at", UtcTime),
    text("made_by"),
    sa.Column("made_at", UtcTime, nullable=False),
    sealed_bytes("content"),
)
