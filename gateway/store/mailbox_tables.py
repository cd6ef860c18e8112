"""The table of the mailboxes that are looked into."""

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.store.columns import Term, UtcTime
from gateway.store.shapes import metadata, text

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
