"""The tables of what is looked for: mailboxes that are looked into, and signed receipts that are awaited."""

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.store.columns import Term, UtcTime
from gateway.store.shapes import metadata, ordinal, text

mailboxes = sa.Table(
    "mailboxes",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    text("holder"),
    sa.Column("held_until", UtcTime, nullable=False),
    sa.Column("looked_at", UtcTime),
    sa.Column("problem", Term(Code)),
    sa.Column("since", UtcTime),
)

awaited_receipts = sa.Table(
    "awaited_receipts",
    metadata,
    ordinal(),
    text("content_identifier", unique=True),
    text("signature"),
    text("attributes"),
    text("token"),
)
