"""The tables of calls: where they go, and what is to be told."""

import sqlalchemy as sa

from gateway.domain.calls import CallFault, Subject
from gateway.store.columns import Term, UtcTime
from gateway.store.shapes import metadata, number, ordinal, sealed_bytes, text


def untold(told_at: sa.ColumnElement[object]) -> sa.ColumnElement[bool]:
    """Whether a call has not got through; said as its partial index says it."""
    return told_at.is_(None)


endpoints = sa.Table(
    "endpoints",
    metadata,
    ordinal(),
    text("id", unique=True),
    text("url"),
    sa.Column("subject", Term(Subject), nullable=False),
    text("submitter"),
    sealed_bytes("secret"),
    sa.Column("added_at", UtcTime, nullable=False),
    text("added_by"),
    sa.Column("removed_at", UtcTime),
    number("failures"),
    sa.Column("failing_since", UtcTime),
    sa.Column("next_call_at", UtcTime),
    sa.Column("suspended_at", UtcTime),
    sa.Column("fault", Term(CallFault)),
)

calls = sa.Table(
    "calls",
    metadata,
    ordinal(),
    text("id"),
    sa.Column("endpoint", sa.Text, sa.ForeignKey("endpoints.id"), nullable=False),
    text("body"),
    sa.Column("made_at", UtcTime, nullable=False),
    number("tries"),
    number("fence"),
    sa.Column("next_action_at", UtcTime),
    sa.Column("lease_until", UtcTime),
    sa.Column("told_at", UtcTime),
    sa.UniqueConstraint("endpoint", "id"),
    sa.Index(None, "endpoint", "made_at"),
    sa.Index(None, "told_at"),
)
sa.Index(
    "ix_calls_untold",
    calls.c.endpoint,
    calls.c.tries,
    calls.c.ordinal,
    sqlite_where=untold(calls.c.told_at),
    postgresql_where=untold(calls.c.told_at),
)
