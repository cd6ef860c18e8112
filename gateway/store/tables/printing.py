"""The table of what a print and mail vendor makes."""

import sqlalchemy as sa

from gateway.domain.print_order import PrintState
from gateway.store.columns import Term, TextTuple, UtcTime
from gateway.store.shapes import metadata, number, text

print_orders = sa.Table(
    "print_orders",
    metadata,
    sa.Column("manifest", sa.Text, sa.ForeignKey("manifests.number"), primary_key=True),
    sa.Column("state", Term(PrintState), nullable=False),
    sa.Column("next_at", UtcTime, nullable=False),
    sa.Column("asked_at", UtcTime),
    *(sa.Column(name, TextTuple, nullable=False) for name in ("names", "objects", "digests")),
    *(text(name, nullable=True) for name in ("answer", "account", "said")),
    number("fence"),
    sa.Index(None, "state", "next_at"),
)
