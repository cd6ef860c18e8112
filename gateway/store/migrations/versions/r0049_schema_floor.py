"""Which releases can work on this shape.

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Makes the table. Releases before this one ask for their own shape and no other."""
    floor = op.create_table(
        "schema_floor",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("revision"),
    )
    op.bulk_insert(floor, [{"revision": revision}])
