"""Receipts that a person took back.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("receipts", sa.Column("taken_back_at", sa.BigInteger(), nullable=True))
