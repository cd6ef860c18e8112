"""The tables of how each person of staff has set up the console for themselves."""

import sqlalchemy as sa

from gateway.domain.outcomes import Division
from gateway.domain.work_list import WorkList
from gateway.store.columns import Term, UtcTime
from gateway.store.shapes import metadata, ordinal, sealed_bytes, text

desk_views = sa.Table(
    "desk_views",
    metadata,
    ordinal(),
    text("id", unique=True),
    text("account"),
    sealed_bytes("name"),
    sa.Column("which", Term(WorkList), nullable=False),
    sa.Column("division", Term(Division)),
    text("channel", nullable=True),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Index(None, "account"),
)

desk_settings = sa.Table(
    "desk_settings",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("shortcuts", sa.Boolean, nullable=False),
)
