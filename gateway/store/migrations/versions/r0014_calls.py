"""Calls: where systems outside are told of what changes, and what they are to be told.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_ORDINAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "endpoints",
        sa.Column("ordinal", _ORDINAL, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "url", "subject", "submitter")),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=True)
            for name in ("failing_since", "next_call_at", "suspended_at")
        ),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("id", name="uq_endpoints_id"),
    )
    op.create_table(
        "calls",
        sa.Column("ordinal", _ORDINAL, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "endpoint", "body")),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("next_action_at", "lease_until", "told_at")),
        sa.ForeignKeyConstraint(["endpoint"], ["endpoints.id"], name="fk_calls_endpoint"),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("endpoint", "id", name="uq_calls_endpoint_id"),
    )
    op.create_index("ix_calls_endpoint_made_at", "calls", ["endpoint", "made_at"])
    op.create_index("ix_calls_told_at", "calls", ["told_at"])
    op.create_index(
        "ix_calls_untold",
        "calls",
        ["endpoint", "tries", "ordinal"],
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )
