"""Receipts that a person took back.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("receipts", sa.Column("taken_back_at", sa.BigInteger(), nullable=True))
