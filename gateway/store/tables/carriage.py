"""The tables of what a carrier's own service was told, and of the envelopes that it is asked about."""

import sqlalchemy as sa

from gateway.domain.carriage import CarriageState, ShipmentState
from gateway.domain.reasons import Reason
from gateway.store.columns import Term, TextTuple, UtcTime
from gateway.store.shapes import metadata, number, text

carriages = sa.Table(
    "carriages",
    metadata,
    sa.Column("manifest", sa.Text, sa.ForeignKey("manifests.number"), primary_key=True),
    sa.Column("state", Term(CarriageState), nullable=False),
    sa.Column("next_at", UtcTime, nullable=False),
    sa.Column("asked_at", UtcTime),
    sa.Column("reason", Term(Reason)),
    sa.Column("places", TextTuple, nullable=False),
    sa.Column("papers", TextTuple, nullable=False),
    number("fence"),
    sa.Index(None, "state", "next_at"),
)

shipments = sa.Table(
    "shipments",
    metadata,
    sa.Column("attempt", sa.Text, sa.ForeignKey("batched_items.attempt"), primary_key=True),
    sa.Column("manifest", sa.Text, sa.ForeignKey("carriages.manifest"), nullable=False),
    sa.Column("state", Term(ShipmentState), nullable=False),
    sa.Column("asked_at", UtcTime, nullable=False),
    text("number", nullable=True),
    text("own", nullable=True),
    text("label", nullable=True),
    sa.Index(None, "manifest"),
)

tracked_items = sa.Table(
    "tracked_items",
    metadata,
    sa.Column("attempt", sa.Text, sa.ForeignKey("batched_items.attempt"), primary_key=True),
    number("asked"),
    sa.Column("next_at", UtcTime, nullable=False),
    text("certificate", nullable=True),
)
