"""Who saw an entry of the exchange in a list, and what lies with somebody who shall not have it.

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """Adds both; of what lies there nobody is known to have seen it listed."""
    op.add_column("exchange_entries", sa.Column("listed", sa.Text(), nullable=False, server_default="[]"))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("exchange_entries", recreate="always" if on_sqlite else "never") as entries:
        entries.alter_column("listed", server_default=None)
    op.create_table(
        "unreached",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("attempt", "finding", "dispatch", "delivery")),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("taken", "called")),
        sa.PrimaryKeyConstraint("attempt", "finding"),
    )
    op.create_index("ix_unreached_next_at", "unreached", ["next_at"])
