"""The table of opened ways."""

import sqlalchemy as sa

from gateway.store.columns import TextSet
from gateway.store.shapes import metadata, text

opened_ways = sa.Table(
    "opened_ways",
    metadata,
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), primary_key=True),
    text("channel"),
    sa.Column("gates", TextSet, nullable=False),
)
