"""By when what was left in the exchange is to be collected.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Adds the column; what lies there already waits without an end."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("exchange_entries", recreate="always" if on_sqlite else "never") as entries:
        entries.add_column(sa.Column("collect_by", sa.BigInteger(), nullable=True))
    op.create_index("ix_exchange_entries_collect_by", "exchange_entries", ["collect_by"])
