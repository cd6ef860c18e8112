"""The oldest revision whose release can work on the shape as it is: one row, which a migration raises to itself when it
does more than widen (ADR 56)."""

import sqlalchemy as sa

from gateway.store import shapes

schema_floor = sa.Table("schema_floor", shapes.metadata, sa.Column("revision", sa.Text, primary_key=True))
