"""What was uploaded to exchanges of others.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "uploads",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("token", "exchange", "account", "digest")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
