"""The tables of the parties of a file as the Registry last told them, and of whom papers were planned for."""

import sqlalchemy as sa

from gateway.domain.outcomes import Division
from gateway.store.columns import Term, UtcTime
from gateway.store.shapes import metadata, number, ordinal, sealed_bytes, text

file_parties = sa.Table(
    "file_parties",
    metadata,
    ordinal(),
    text("id", unique=True),
    sa.Column("division", Term(Division), nullable=False),
    text("file"),
    text("source"),
    number("sequence"),
    sa.Column("effective_at", UtcTime, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    text("received_by"),
    text("digest"),
    sealed_bytes("sealed"),
    sa.UniqueConstraint("division", "file", "source", "sequence"),
)

planned_for = sa.Table(
    "planned_for",
    metadata,
    sa.Column("delivery", sa.ForeignKey("deliveries.id"), primary_key=True),
    sealed_bytes("sealed"),
)
