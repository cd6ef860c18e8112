"""What a carrier's own service is told and what a print vendor is ordered are one process's at a time.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Adds the fences."""
    for table in ("carriages", "print_orders"):
        op.add_column(table, sa.Column("fence", sa.BigInteger(), nullable=False, server_default="0"))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("carriages", "print_orders"):
        with op.batch_alter_table(table, recreate="always" if on_sqlite else "never") as altered:
            altered.alter_column("fence", server_default=None)
