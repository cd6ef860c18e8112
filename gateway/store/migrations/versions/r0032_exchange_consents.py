"""What holders of exchange accounts say of electronic delivery; mails of the exchange say of which kind they are.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Makes the table, and gives each mail its kind."""
    op.create_table(
        "exchange_consents",
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("accepts", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal"),
    )
    op.create_index("ix_exchange_consents_account", "exchange_consents", ["account"])
    op.add_column("exchange_mails", sa.Column("kind", sa.Text(), nullable=True))
    op.execute("UPDATE exchange_mails SET kind = CASE WHEN entry IS NULL THEN 'link' ELSE 'notice' END")
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("exchange_mails", recreate="always" if on_sqlite else "never") as mails:
        mails.alter_column("kind", existing_type=sa.Text(), nullable=False)
