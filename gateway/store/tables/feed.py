"""The tables of the outcome feed."""

import sqlalchemy as sa

from gateway.domain.feed import FeedKind, FeedState
from gateway.domain.outcomes import Division
from gateway.store.columns import Term, TextTuple, UtcTime
from gateway.store.shapes import metadata, number, ordinal, sealed_bytes, text

feed_owed = sa.Table(
    "feed_owed",
    metadata,
    ordinal(),
    sa.Column("dispatch", sa.Text, sa.ForeignKey("dispatches.id"), nullable=False, unique=True),
    sa.Column("owed_at", UtcTime, nullable=False),
)

feed_transactions = sa.Table(
    "feed_transactions",
    metadata,
    ordinal(),
    text("id", unique=True),
    sa.Column("dispatch", sa.Text, sa.ForeignKey("dispatches.id"), nullable=False),
    sa.Column("division", Term(Division), nullable=False),
    text("person"),
    sa.Column("kind", Term(FeedKind), nullable=False),
    text("corrects", nullable=True),
    sa.Column("state", Term(FeedState), nullable=False),
    text("code", nullable=True),
    sa.Column("told_for", TextTuple, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("release_at", UtcTime),
    text("batch", nullable=True),
    number("place", nullable=True),
    sealed_bytes("sealed"),
    text("replaces", nullable=True),
    sa.Index(None, "dispatch"),
    sa.Index(None, "corrects"),
    sa.Index(None, "replaces"),
    sa.Index(None, "state", "ordinal"),
    sa.Index(None, "batch", "place"),
)

feed_batches = sa.Table(
    "feed_batches",
    metadata,
    ordinal(),
    text("id", unique=True),
    sa.Column("sequence", sa.BigInteger, nullable=False, unique=True),
    number("count"),
    sa.Column("opened_at", UtcTime, nullable=False),
    text("digest", nullable=True),
    text("object_name", nullable=True),
    text("sent_digest", nullable=True),
    sa.Column("put_at", UtcTime),
    number("puts"),
    sa.Column("asked_at", UtcTime),
    sa.Column("heard_at", UtcTime),
    sa.Column("closed_at", UtcTime),
    number("doubtful"),
    sa.Index(None, "closed_at"),
)

feed_acknowledgements = sa.Table(
    "feed_acknowledgements",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    text("batch"),
    sa.Column("received_at", UtcTime, nullable=False),
)
