"""Delegates of exchange accounts.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Adds whom an account acts for, and the table of who was named; every account that stands acts for itself."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("exchange_accounts", recreate="always" if on_sqlite else "never") as accounts:
        accounts.add_column(sa.Column("acts_for", sa.Text(), nullable=True))
    op.create_index("ix_exchange_accounts_acts_for", "exchange_accounts", ["acts_for"])
    op.create_table(
        "exchange_delegates",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("named_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_exchange_delegates_account", "exchange_delegates", ["account"])
