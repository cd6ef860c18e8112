"""What comes back: kept as it came, and found its delivery by the token of the reference.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the table, and gives every attempt its token."""
    with op.batch_alter_table("attempts") as attempts:
        attempts.add_column(sa.Column("token", sa.Text(), nullable=True))
    _fill_tokens()
    with op.batch_alter_table("attempts") as attempts:
        attempts.alter_column("token", nullable=False)
        attempts.create_index("ix_attempts_token", ["token"])
    _incoming()


def _fill_tokens() -> None:
    """As `gateway.domain.reference.token_of` makes them today."""
    rows = sa.table("attempts", sa.column("ordinal"), sa.column("reference"), sa.column("token"))
    connection = op.get_bind()
    for ordinal, reference in connection.execute(sa.select(rows.c.ordinal, rows.c.reference)).all():
        token = reference.strip("<>").partition("@")[0].lower()
        connection.execute(sa.update(rows).where(rows.c.ordinal == ordinal).values(token=token))


def _incoming() -> None:
    op.create_table(
        "incoming",
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_action_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_incoming_delivery"),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_incoming_id"),
        sa.UniqueConstraint("source", "digest", name="uq_incoming_source_digest"),
    )
    op.create_index("ix_incoming_handling", "incoming", ["handling"])
    op.create_index("ix_incoming_delivery", "incoming", ["delivery"])
    op.create_index(
        "ix_incoming_due",
        "incoming",
        ["next_action_at"],
        sqlite_where=sa.text("(handling IN ('new', 'waiting')) IS 1"),
        postgresql_where=sa.text("(handling IN ('new', 'waiting')) IS TRUE"),
    )
