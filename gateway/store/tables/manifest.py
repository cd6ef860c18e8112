"""The tables of what is gathered for carriers."""

import sqlalchemy as sa

from gateway.domain.scan import ScanFault, ScanMeaning
from gateway.store.columns import Term, UtcTime
from gateway.store.shapes import metadata, number, ordinal, sealed_bytes, text

manifests = sa.Table(
    "manifests",
    metadata,
    ordinal(),
    text("number", unique=True),
    text("channel"),
    text("office"),
    text("carrier"),
    sa.Column("closed_at", UtcTime, nullable=False),
    text("closed_by"),
    sa.Column("handed_over_at", UtcTime),
    text("recorded_by", nullable=True),
    text("evidence", nullable=True),
    text("object_name", nullable=True),
)

batched_items = sa.Table(
    "batched_items",
    metadata,
    ordinal(),
    sa.Column("attempt", sa.Text, sa.ForeignKey("attempts.id"), nullable=False, unique=True),
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), nullable=False),
    text("dispatch"),
    text("channel"),
    text("office"),
    text("reference"),
    sa.Column("gathered_at", UtcTime, nullable=False),
    sealed_bytes("envelope"),
    number("pages"),
    number("sheets"),
    sa.Column("manifest", sa.Text, sa.ForeignKey("manifests.number")),
    number("place", nullable=True),
    text("piece", nullable=True),
    text("tracking", nullable=True),
    sa.UniqueConstraint("manifest", "place"),
    sa.Index(None, "channel", "office", "manifest"),
    sa.Index(None, "reference"),
    sa.Index(None, "piece"),
    sa.Index(None, "tracking"),
)

scans = sa.Table(
    "scans",
    metadata,
    ordinal(),
    text("digest", unique=True),
    text("file"),
    text("source"),
    text("item"),
    text("code"),
    sa.Column("meaning", Term(ScanMeaning), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    sealed_bytes("extract"),
    sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id")),
    sa.Column("attempt", sa.Text, sa.ForeignKey("attempts.id")),
    sa.Column("fault", Term(ScanFault)),
    text("data_key", nullable=True),
    sa.Index(None, "file"),
    sa.Index(None, "delivery"),
    sa.Index(None, "fault"),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    number("value"),
)
"""What is counted up in one transaction and may be counted by one alone at a time."""
