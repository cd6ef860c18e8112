"""The outcome feed and its ledger.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Makes the tables."""
    _transactions()
    _batches()


def _transactions() -> None:
    op.create_table(
        "feed_owed",
        _ordinal(),
        _text("dispatch"),
        sa.Column("owed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.ForeignKeyConstraint(["dispatch"], ["dispatches.id"], name="fk_feed_owed_dispatch"),
        sa.UniqueConstraint("dispatch", name="uq_feed_owed_dispatch"),
    )
    op.create_table(
        "feed_transactions",
        _ordinal(),
        *map(_text, ("id", "dispatch", "division", "person", "kind")),
        _text("corrects", nullable=True),
        _text("state"),
        _text("code", nullable=True),
        _text("told_for"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("release_at", sa.BigInteger(), nullable=True),
        _text("batch", nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.ForeignKeyConstraint(["dispatch"], ["dispatches.id"], name="fk_feed_transactions_dispatch"),
        sa.UniqueConstraint("id", name="uq_feed_transactions_id"),
    )
    op.create_index("ix_feed_transactions_dispatch", "feed_transactions", ["dispatch"])
    op.create_index("ix_feed_transactions_state_ordinal", "feed_transactions", ["state", "ordinal"])
    op.create_index("ix_feed_transactions_batch_place", "feed_transactions", ["batch", "place"])


def _batches() -> None:
    op.create_table(
        "feed_batches",
        _ordinal(),
        _text("id"),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        *(_text(name, nullable=True) for name in ("digest", "object_name", "sent_digest")),
        sa.Column("put_at", sa.BigInteger(), nullable=True),
        sa.Column("puts", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("asked_at", "heard_at", "closed_at")),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_feed_batches_id"),
        sa.UniqueConstraint("sequence", name="uq_feed_batches_sequence"),
    )
    op.create_index("ix_feed_batches_closed_at", "feed_batches", ["closed_at"])
    op.create_table(
        "feed_acknowledgements",
        _text("digest"),
        _text("batch"),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )


def _ordinal() -> sa.Column[int]:
    return sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)
