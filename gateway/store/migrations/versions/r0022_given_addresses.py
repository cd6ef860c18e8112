"""The addresses that two people gave single deliveries.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "given_addresses",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("delivery"),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_given_addresses_delivery"),
    )
