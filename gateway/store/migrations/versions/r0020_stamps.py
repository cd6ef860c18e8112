"""Time stamps over checkpoints. What stands already is owed none: a stamp over a later checkpoint covers it.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Adds the column and makes the table."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("checkpoints", recreate="always" if on_sqlite else "never") as checkpoints:
        checkpoints.add_column(sa.Column("stamp_at", sa.BigInteger(), nullable=True))
    owed = sa.text("stamp_at IS NOT NULL")
    op.create_index("ix_checkpoints_stamp_at", "checkpoints", ["stamp_at"], sqlite_where=owed, postgresql_where=owed)
    op.create_table(
        "stamps",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("query", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"], name="fk_stamps_size"),
    )
