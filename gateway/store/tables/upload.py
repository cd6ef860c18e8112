"""The table of uploads to exchanges of others."""

import sqlalchemy as sa

from gateway.store.shapes import metadata, text

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    *(text(name) for name in ("exchange", "account", "digest")),
    sa.Column("size", sa.BigInteger, nullable=False),
    text("place"),
)
