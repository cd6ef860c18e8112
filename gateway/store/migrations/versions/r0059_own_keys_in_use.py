"""Which own keys are in use, by number alone, so that a machine that lacks one knows it.

Revision ID: 0059
Revises: 0058
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    """Adds the table, and what a look finds the wrappings of data keys by. Parts of the release before write nothing
    into the table: a rotation of theirs is known by what it wrapped."""
    op.create_table(
        "own_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_data_keys_wrapped", "data_keys", ["wrapped"])
