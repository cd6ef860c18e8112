"""Since when what lay in the exchange is withdrawn.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Adds the column; nothing was withdrawn before."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("exchange_entries", recreate="always" if on_sqlite else "never") as entries:
        entries.add_column(sa.Column("retracted_at", sa.BigInteger(), nullable=True))
