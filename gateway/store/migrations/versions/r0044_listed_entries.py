"""Who saw an entry of the exchange in a list.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Adds it; of what lies there nobody is known to have seen it listed."""
    op.add_column("exchange_entries", sa.Column("listed", sa.Text(), nullable=False, server_default="[]"))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("exchange_entries", recreate="always" if on_sqlite else "never") as entries:
        entries.alter_column("listed", server_default=None)
