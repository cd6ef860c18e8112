"""What print and mail vendors say of a manifest is kept.

Revision ID: 0052
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0049"


def upgrade() -> None:
    """Adds the columns."""
    for name in ("account", "said"):
        op.add_column("print_orders", sa.Column(name, sa.Text(), nullable=True))
