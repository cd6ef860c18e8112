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
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("receipts", recreate="always" if on_sqlite else "never") as receipts:
        receipts.add_column(sa.Column("taken_back_at", sa.BigInteger(), nullable=True))
