"""The outcome feed: batches that may have left, and what stands in place of what was never told.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

_IN_DOUBT = "UPDATE feed_batches SET doubtful = 1 WHERE object_name IS NOT NULL AND put_at IS NULL"


def upgrade() -> None:
    """Of a batch that was made and not put nobody knows any more whether that was begun."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("feed_transactions", recreate="always" if on_sqlite else "never") as transactions:
        transactions.add_column(sa.Column("replaces", sa.Text(), nullable=True))
    op.create_index("ix_feed_transactions_corrects", "feed_transactions", ["corrects"])
    op.create_index("ix_feed_transactions_replaces", "feed_transactions", ["replaces"])
    with op.batch_alter_table("feed_batches", recreate="always" if on_sqlite else "never") as batches:
        batches.add_column(sa.Column("doubtful", sa.BigInteger(), nullable=True))
    op.execute("UPDATE feed_batches SET doubtful = 0")
    op.execute(_IN_DOUBT)
    with op.batch_alter_table("feed_batches") as batches:
        batches.alter_column("doubtful", nullable=False)
