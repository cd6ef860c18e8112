"""The tables of what is looked for: mailboxes that are looked into, signed receipts that are awaited, printed codes."""

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

return_codes = sa.Table(
    "return_codes",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    text("token"),  # of the attempts whose page bears the code
)
