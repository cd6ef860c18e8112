"""In which language a rendered document is: the papers of proof name it.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes the column; of what was rendered before, nobody noted it."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"  # which would write the column behind the constraints
    with op.batch_alter_table("documents", recreate="always" if on_sqlite else "never") as documents:
        documents.add_column(sa.Column("language", sa.Text(), nullable=True))
