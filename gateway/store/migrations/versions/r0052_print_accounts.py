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
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("print_orders", recreate="always" if on_sqlite else "never") as print_orders:
        for name in ("account", "said"):
            print_orders.add_column(sa.Column(name, sa.Text(), nullable=True))
