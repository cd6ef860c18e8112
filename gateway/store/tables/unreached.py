"""The table of what lies with somebody who shall not have it."""

import sqlalchemy as sa

from gateway.domain.report import Finding
from gateway.store.columns import Term, UtcTime
from gateway.store.shapes import metadata, text

unreached = sa.Table(
    "unreached",
    metadata,
    sa.Column("attempt", sa.Text, primary_key=True),
    sa.Column("finding", Term(Finding), primary_key=True),
    *(text(name) for name in ("dispatch", "delivery")),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("next_at", UtcTime, nullable=True),
    sa.Column("taken", sa.Boolean, nullable=False),
    sa.Column("called", sa.Boolean, nullable=False),
    sa.Index(None, "next_at"),
)
