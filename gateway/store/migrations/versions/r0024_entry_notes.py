"""What is told beside an entry of the exchange.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Adds the column; nothing is told beside what lies there already."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("exchange_entries", recreate="always" if on_sqlite else "never") as entries:
        entries.add_column(sa.Column("note", sa.LargeBinary(), nullable=True))
