"""The turn of a package among what is due the same day.

Revision ID: 0057
Revises: 0056
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    """Adds it, and what claims and submissions find it by. What waits already, and what older parts take in, goes first
    within its day, as it came."""
    op.drop_index("ix_dispatches_claim", "dispatches")
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("dispatches", recreate="always" if on_sqlite else "never") as dispatches:
        dispatches.add_column(sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(
        "ix_dispatches_claim",
        "dispatches",
        ["step", "due", "turn", "next_action_at", "lease_until"],
        postgresql_ops={"next_action_at": "int8_ops NULLS FIRST"},
    )
    op.create_index(
        "ix_dispatches_turn",
        "dispatches",
        ["submitted_by", "turn"],
        sqlite_where=sa.text("(step IN ('plan', 'render')) IS 1"),
        postgresql_where=sa.text("(step IN ('plan', 'render')) IS TRUE"),
    )
