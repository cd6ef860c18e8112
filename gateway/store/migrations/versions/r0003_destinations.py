"""Destinations, and claims by channel.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table, and the indexes that claims go through."""
    op.create_table(
        "destinations",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digested_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("openings", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("probe", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.drop_index("ix_deliveries_claim", "deliveries")
    op.create_index(
        "ix_deliveries_claim",
        "deliveries",
        ["channel", "due", "next_action_at", "state"],
        postgresql_ops={"next_action_at": "int8_ops NULLS FIRST"},
        sqlite_where=sa.text("(state IN ('ready', 'deferred')) IS 1"),
        postgresql_where=sa.text("(state IN ('ready', 'deferred')) IS TRUE"),
    )
    op.create_index(
        "ix_deliveries_in_flight",
        "deliveries",
        ["channel"],
        sqlite_where=sa.text("(state IN ('sending')) IS 1"),
        postgresql_where=sa.text("(state IN ('sending')) IS TRUE"),
    )
