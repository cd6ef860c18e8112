"""Who agreed first to what takes two who approve.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Adds it; nobody agreed to anything yet."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("proposals", recreate="always" if on_sqlite else "never") as proposals:
        proposals.add_column(sa.Column("seconded_by", sa.Text(), nullable=True))
