"""What is gathered for carriers, the manifests closed over it, and counters.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def _ordinal() -> sa.Column[int]:
    return sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "manifests",
        _ordinal(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("number", "channel", "office", "carrier")),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("handed_over_at", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("recorded_by", "evidence", "object_name")),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("number", name="uq_manifests_number"),
    )
    op.create_table(
        "batched_items",
        _ordinal(),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("attempt", "delivery", "dispatch", "channel", "office", "reference")
        ),
        sa.Column("gathered_at", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("sheets", sa.BigInteger(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("piece", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("attempt", name="uq_batched_items_attempt"),
        sa.UniqueConstraint("manifest", "place", name="uq_batched_items_manifest_place"),
        sa.ForeignKeyConstraint(["attempt"], ["attempts.id"], name="fk_batched_items_attempt"),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_batched_items_delivery"),
        sa.ForeignKeyConstraint(["manifest"], ["manifests.number"], name="fk_batched_items_manifest"),
    )
    for columns in (["channel", "office", "manifest"], ["reference"], ["piece"]):
        op.create_index(f"ix_batched_items_{'_'.join(columns)}", "batched_items", columns)
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
