"""Who a provider says that the holder of an exchange account is.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Adds it; nobody is linked yet."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("exchange_accounts", recreate="always" if on_sqlite else "never") as accounts:
        accounts.add_column(sa.Column("identity", sa.Text(), nullable=True))
    op.create_index("ix_exchange_accounts_identity", "exchange_accounts", ["identity"], unique=True)
