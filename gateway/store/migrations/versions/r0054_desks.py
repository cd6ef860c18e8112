"""Views that staff saved for themselves, and whether single keys act for them.

Revision ID: 0054
Revises: 0053
"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    """Makes both tables."""
    op.create_table(
        "desk_views",
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("which", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_desk_views_account", "desk_views", ["account"])
    op.create_table(
        "desk_settings",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
