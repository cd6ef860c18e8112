"""Pages that come back signed: the codes printed on them, and which sending each page was matched to.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Makes the table. Of what came back before no page was matched to a sending."""
    op.create_table(
        "return_codes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"  # which would write the columns behind the constraints
    with op.batch_alter_table("incoming", recreate="always" if on_sqlite else "never") as incoming:
        for name in ("attempt", "matched_by"):
            incoming.add_column(sa.Column(name, sa.Text(), nullable=True))
