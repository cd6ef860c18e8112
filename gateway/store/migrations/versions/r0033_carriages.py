"""What a carrier's own service was told of manifests, and the envelopes that it is asked about.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "carriages",
        _text("manifest"),
        _text("state"),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        _text("reason", nullable=True),
        _text("places"),
        _text("papers"),
        sa.PrimaryKeyConstraint("manifest"),
        sa.ForeignKeyConstraint(["manifest"], ["manifests.number"], name="fk_carriages_manifest"),
    )
    op.create_index("ix_carriages_state_next_at", "carriages", ["state", "next_at"])
    op.create_table(
        "shipments",
        *map(_text, ("attempt", "manifest", "state")),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        *(_text(name, nullable=True) for name in ("number", "own", "label")),
        sa.PrimaryKeyConstraint("attempt"),
        sa.ForeignKeyConstraint(["attempt"], ["batched_items.attempt"], name="fk_shipments_attempt"),
        sa.ForeignKeyConstraint(["manifest"], ["carriages.manifest"], name="fk_shipments_manifest"),
    )
    op.create_index("ix_shipments_manifest", "shipments", ["manifest"])
    op.create_table(
        "tracked_items",
        _text("attempt"),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        _text("certificate", nullable=True),
        sa.PrimaryKeyConstraint("attempt"),
        sa.ForeignKeyConstraint(["attempt"], ["batched_items.attempt"], name="fk_tracked_items_attempt"),
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)
