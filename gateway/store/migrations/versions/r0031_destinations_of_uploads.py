"""Destinations by the recipient's own server, and claims by destination.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Until now a channel was one destination. Which server an upload goes to is written when it is planned again."""
    op.drop_index("ix_deliveries_claim", "deliveries")
    op.drop_index("ix_deliveries_in_flight", "deliveries")
    on_sqlite = op.get_bind().dialect.name == "sqlite"  # which would write the columns behind the constraints
    with op.batch_alter_table("deliveries", recreate="always" if on_sqlite else "never") as deliveries:
        deliveries.add_column(sa.Column("server", sa.Text(), nullable=True))
        deliveries.add_column(sa.Column("destination", sa.Text(), nullable=True))
    op.execute("UPDATE deliveries SET destination = channel")
    op.create_index(
        "ix_deliveries_claim",
        "deliveries",
        ["destination", "due", "next_action_at", "state", "channel"],
        postgresql_ops={"next_action_at": "int8_ops NULLS FIRST"},
        sqlite_where=sa.text("(state IN ('ready', 'deferred')) IS 1"),
        postgresql_where=sa.text("(state IN ('ready', 'deferred')) IS TRUE"),
    )
    op.create_index(
        "ix_deliveries_in_flight",
        "deliveries",
        ["destination"],
        sqlite_where=sa.text("(state IN ('sending')) IS 1"),
        postgresql_where=sa.text("(state IN ('sending')) IS TRUE"),
    )
