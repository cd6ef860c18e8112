"""The tables of packages that officers prepare, and of the files that dispatches are about."""

import sqlalchemy as sa

from gateway.domain.outcomes import Division
from gateway.store.columns import Term, TextTuple, UtcTime
from gateway.store.shapes import metadata, number, sealed_bytes, text

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text("account"),
    number("version"),
    sa.Column("begun_at", UtcTime, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Column("objects", TextTuple, nullable=False),
    sealed_bytes("content"),
    sa.Index(None, "account"),
)

dispatch_files = sa.Table(
    "dispatch_files",
    metadata,
    sa.Column("file", sa.Text, primary_key=True),
    sa.Column("division", Term(Division), primary_key=True),
    sa.Column("dispatch", sa.Text, primary_key=True),
)
"""By what a person looks for a dispatch: the row of a dispatch holds its files as one value, which no index opens."""
