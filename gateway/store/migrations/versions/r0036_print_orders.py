"""What a print and mail vendor makes.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "print_orders",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("manifest", "state")),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("names", "objects", "digests")),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("manifest"),
        sa.ForeignKeyConstraint(["manifest"], ["manifests.number"], name="fk_print_orders_manifest"),
    )
    op.create_index("ix_print_orders_state_next_at", "print_orders", ["state", "next_at"])
