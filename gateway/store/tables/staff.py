"""The tables of what staff are told by mail."""

import sqlalchemy as sa

from gateway.store.columns import UtcTime
from gateway.store.shapes import metadata, ordinal, text

staff_matters = sa.Table(
    "staff_matters",
    metadata,
    sa.Column("matter", sa.Text, primary_key=True),
    sa.Column("told_at", UtcTime, nullable=False),
)

staff_mails = sa.Table(
    "staff_mails",
    metadata,
    ordinal(),
    text("id", unique=True),
    text("to"),
    text("subject"),
    text("text"),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("next_at", UtcTime),
    sa.Index(None, "next_at"),
)
