"""The table of what takes long to count."""

import sqlalchemy as sa

from gateway.store.columns import UtcTime
from gateway.store.shapes import metadata, sealed_bytes

kept_counts = sa.Table(
    "kept_counts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("counted_at", UtcTime, nullable=False),
    sealed_bytes("content"),
)
"""Numbers, divisions, ways and dates: nothing of anybody's, so that it is not sealed."""
