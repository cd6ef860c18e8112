"""Evidence under the key of its own dispatch, and since when somebody has dealt with what came.

Revision ID: 0040
Revises: 0039
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

_NEW = (("proof_papers", "data_key"), ("scans", "data_key"), ("incoming", "closed_at"))
_CLOSED = sa.text("UPDATE incoming SET closed_at = :now WHERE handling = 'closed'")


def upgrade() -> None:
    """What is sealed already stays under the key of all evidence. When something was closed is not known of rows: their
    time runs from now."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"  # which would write the columns behind the constraints
    for table, name in _NEW:
        kind = sa.BigInteger() if name == "closed_at" else sa.Text()
        with op.batch_alter_table(table, recreate="always" if on_sqlite else "never") as altered:
            altered.add_column(sa.Column(name, kind, nullable=True))
    now = dt.datetime.now(dt.UTC)
    op.execute(_CLOSED.bindparams(now=int(now.timestamp()) * 1_000_000))
