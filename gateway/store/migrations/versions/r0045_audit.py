"""Events by who acted, and those that belong to no dispatch by their names.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Makes the indexes."""
    for name, columns, where in (
        ("ix_events_actor", ["actor", "ordinal"], "actor != 'gateway'"),
        ("ix_events_besides", ["name", "ordinal"], "dispatch IS NULL"),
    ):
        op.create_index(name, "events", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
