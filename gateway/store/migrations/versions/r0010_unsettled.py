"""What left us and is not settled yet stands in an index of its own.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_UNSETTLED = sa.text("(state IN ('handed-over', 'delivered')) IS TRUE AND settled IS FALSE")
_UNSETTLED_LITE = sa.text("(state IN ('handed-over', 'delivered')) IS 1 AND settled IS 0")


def upgrade() -> None:
    """Makes the index."""
    op.create_index(
        "ix_deliveries_unsettled",
        "deliveries",
        ["next_action_at"],
        postgresql_ops={"next_action_at": "int8_ops NULLS FIRST"},
        sqlite_where=_UNSETTLED_LITE,
        postgresql_where=_UNSETTLED,
    )
