"""Offices of accounts, and when each was last used.

Revision ID: 0055
Revises: 0054
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    """Adds them: until now every account saw every office's matters."""
    op.create_table(
        "account_uses",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    offices = sa.Column("offices", sa.Text(), nullable=False, server_default="[]")
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("accounts", recreate="always" if on_sqlite else "never") as accounts:
        accounts.add_column(offices)
