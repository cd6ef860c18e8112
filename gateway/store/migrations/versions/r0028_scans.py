"""Scans, and the numbers that carriers gave items.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Makes the table."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"  # which would write the column behind the constraints
    with op.batch_alter_table("batched_items", recreate="always" if on_sqlite else "never") as items:
        items.add_column(sa.Column("tracking", sa.Text(), nullable=True))
    op.create_index("ix_batched_items_tracking", "batched_items", ["tracking"])
    op.create_table(
        "scans",
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("digest", "file", "source", "item", "code", "meaning")
        ),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("at", "recorded_at")),
        sa.Column("extract", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("delivery", "attempt", "fault")),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("digest", name="uq_scans_digest"),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_scans_delivery"),
        sa.ForeignKeyConstraint(["attempt"], ["attempts.id"], name="fk_scans_attempt"),
    )
    for name in ("file", "delivery", "fault"):
        op.create_index(f"ix_scans_{name}", "scans", [name])
