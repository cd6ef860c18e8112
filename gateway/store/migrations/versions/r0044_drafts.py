"""Packages that officers prepare; and dispatches by their files, those that stand too.

Revision ID: 0044
Revises: 0043
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"

_BATCH = 1000


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("objects", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drafts_account", "drafts", ["account"])
    op.create_table(
        "dispatch_files",
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("dispatch", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file", "division", "dispatch"),
    )
    _fill()


def _fill() -> None:
    """What stands, by its files. Batch by batch: a registry may have a million of them."""
    connection, after = op.get_bind(), 0
    dispatches = sa.table("dispatches", *map(sa.column, ("ordinal", "id", "division", "files")))
    rows = sa.select(dispatches).order_by(dispatches.c.ordinal).limit(_BATCH)
    into = sa.table("dispatch_files", sa.column("file"), sa.column("division"), sa.column("dispatch"))
    while batch := connection.execute(rows.where(dispatches.c.ordinal > after)).all():
        found = [
            {"file": file, "division": row.division, "dispatch": row.id}
            for row in batch
            if row.files.startswith("[")
            for file in dict.fromkeys(json.loads(row.files))
        ]
        if found:
            connection.execute(sa.insert(into), found)
        after = batch[-1].ordinal
