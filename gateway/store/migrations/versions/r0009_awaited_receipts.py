"""Signed receipts that are awaited: found by the name that they give their message.

Revision ID: 0009
Revises: 0008
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Makes the table, and fills it with what messages asked for so far."""
    op.create_table(
        "awaited_receipts",
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_identifier", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("content_identifier", name="uq_awaited_receipts_content_identifier"),
    )
    events = sa.table("events", sa.column("name"), sa.column("attempt"), sa.column("facts"))
    attempts = sa.table("attempts", sa.column("id"), sa.column("token"))
    awaited = sa.table(
        "awaited_receipts", *(sa.column(name) for name in ("content_identifier", "signature", "attributes", "token"))
    )
    connection = op.get_bind()
    asked = sa.select(attempts.c.token, events.c.facts).where(
        events.c.name == "signed-receipt-asked", events.c.attempt == attempts.c.id
    )
    for token, facts in connection.execute(asked).all():
        connection.execute(sa.insert(awaited).values(token=token, **json.loads(facts)))
