"""Offices of accounts, and when each was last used.

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Adds them: until now every account saw every office's matters."""
    op.create_table(
        "account_uses",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.add_column("accounts", sa.Column("offices", sa.Text(), nullable=False, server_default="[]"))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("accounts", recreate="always" if on_sqlite else "never") as accounts:
        accounts.alter_column("offices", server_default=None)
