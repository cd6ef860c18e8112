"""The table of given addresses."""

import sqlalchemy as sa

from gateway.store.columns import UtcTime
from gateway.store.shapes import metadata, number

given_addresses = sa.Table(
    "given_addresses",
    metadata,
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), primary_key=True),
    number("fence"),
    sa.Column("given_at", UtcTime, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
